using System.Globalization;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Configuration;
using Sternpost.Mailboxes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Quarantine;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Junk;

/// <summary>
/// The mailed digest of Junk and quarantine, the most doubtful first. Its links open the webmail at the message: nothing is let go, moved or learned by a link
/// alone, which whoever sees the letter, and every program that opens links, could follow.
/// </summary>
internal sealed class JunkLetter(ServerConfiguration configuration, Database database, MailStore mail, ServerMail own, Func<IReadOnlyDictionary<string, string>> meanings, TimeProvider time)
{
    private const int MostRead = 2000;
    private const int MostNamed = 100;

    private readonly QuarantineList quarantine = new(database);

    /// <summary>Writes one about what came since a time; false where nothing did.</summary>
    public async ValueTask<bool> SendAsync(Account account, DateTimeOffset since, CancellationToken cancellation)
    {
        var (junk, all) = await JunkReader.ReadAsync(mail, account.Id, since, MostRead, cancellation);
        var held = (await quarantine.ListAsync(account.Id, MostNamed, cancellation)).Where(message => message.Received >= since).ToList();
        if (all + held.Count == 0) return false;
        var text = new StringBuilder();
        if (held.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"Held for you, because it may be dangerous\r\n{Web}/settings/held\r\n");
            foreach (var message in held) text.Append(CultureInfo.InvariantCulture, $"\r\n  {Line(message.Subject)}\r\n  {Line(message.Author)}, {Day(message.Received)}\r\n  {Line(message.Reason)}\r\n");
            text.Append("\r\n");
        }
        if (all > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"In Junk, what is least surely spam first\r\nAll at once: {Web}/mail/junk/review\r\n");
            foreach (var message in junk.OrderBy(message => JunkReason.Score(message.Verdict) ?? double.MaxValue).ThenByDescending(message => message.Received).Take(MostNamed))
            {
                text.Append(CultureInfo.InvariantCulture, $"\r\n  {Line(message.Subject)}\r\n  {Line(message.Name.Length > 0 ? $"{message.Name} <{message.Address}>" : message.Address)}, {Day(message.Received)}\r\n  {JunkReason.Sentence(message.Verdict, meanings())}\r\n  {Web}/mail/junk/T{message.ThreadId}\r\n");
            }
            if (all > MostNamed) text.Append(CultureInfo.InvariantCulture, $"\r\n  and {all - MostNamed} more\r\n");
        }
        var host = configuration.Server.Hostname.Ascii;
        var head = $"""
            From: Mail server <postmaster@{account.Address.Domain.Ascii}>
            To: {account.Address}
            Subject: {Counted(all, "message", "messages")} in Junk{(held.Count > 0 ? $", {held.Count.ToString(CultureInfo.InvariantCulture)} held for you" : "")}
            Date: {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}
            Message-ID: <{Guid.NewGuid():n}@{host}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            This came since {Day(since)} and was kept out of your inbox. If something is wanted, open it by its link, sign in, and say "Not junk" there: your filter learns from it. For the rest you need do nothing.


            """.ReplaceLineEndings("\r\n");
        await own.SendAsync(account.Address, Encoding.UTF8.GetBytes($"{head}{text}\r\nHow often this letter comes, if at all, you set at {Web}/mail/junk/review\r\n\r\nYour mail server, {host}\r\n"), TransportNeed.Usual, null, cancellation);
        return true;
    }

    private string Web => $"https://{configuration.Server.Hostname.Ascii}{(configuration.Listeners.Https.Port is 443 or 0 ? "" : $":{configuration.Listeners.Https.Port}")}";

    private static string Counted(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count.ToString(CultureInfo.InvariantCulture)} {many}";

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // Nothing a stranger wrote ends a line here, or is taken for a link of ours.
    private static string Line(string text)
    {
        var line = string.Concat(text.Where(c => !char.IsControl(c)));
        return line.Length == 0 ? "(none)" : line.Length > 200 ? line[..200] + "…" : line.Replace("://", ":// ", StringComparison.Ordinal);
    }
}
