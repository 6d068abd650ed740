using System.Globalization;

namespace Sternpost.Queue.Containment;

/// <summary>The letter to those outside who got something: drafted, for the account's owner or the administrator to send or not.</summary>
internal static class RecipientNotice
{
    internal static string Draft(string address, DateTimeOffset since, DateTimeOffset until, IReadOnlyList<string> recipients) =>
        recipients.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"""
        To: undisclosed-recipients:;
        Bcc: {string.Join(", ", recipients)}
        Subject: A message in my name that was not mine

        Hello,

        between {since.UtcDateTime:yyyy-MM-dd HH:mm} and {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC somebody else used my mail account {address} and wrote
        to you in my name. Please do not open what is attached to that message, follow no link in it,
        answer it with nothing, and delete it. If you have typed a password somewhere because of it,
        change it there now.

        The account has been locked since, and what had not gone out yet was stopped. I am sorry for the trouble.
        """);
}
