using System.Globalization;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Configuration;
using Sternpost.Junk;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Quarantine;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;
using Sternpost.Web;

namespace Sternpost.Composition;

/// <summary>Tells the owner of an account what is held for him, with a link for each message that he may release himself.</summary>
internal sealed class QuarantineDigest(ServerConfiguration configuration, Database database, AccountDirectory directory, ReleaseLinks links, ServerMail mail, TimeProvider time)
{
    public async ValueTask SendAsync(long accountId, IReadOnlyList<HeldMessage> held, CancellationToken cancellation)
    {
        var account = (await directory.AccountsAsync(null, cancellation)).FirstOrDefault(account => account.Id == accountId);
        // Whoever asked for a digest of their own is told in that one, and once.
        if (account is null || await database.ReadAsync(sql => JunkDigests.Days(sql, accountId), cancellation) > 0) return;
        var list = new StringBuilder();
        foreach (var message in held)
        {
            list.Append(CultureInfo.InvariantCulture, $"\r\nFrom:    {Line(message.Author)}\r\nSubject: {Line(message.Subject)}\r\nCame:    {message.Received.UtcDateTime:d MMM yyyy, HH:mm} UTC, deleted {message.Expires.UtcDateTime:d MMM}\r\nWhy:     {Line(message.Reason)}\r\n");
            if (message.IsMalware) list.Append("         Malware was found in it; only your administrator can release it.\r\n");
            else if (message.Recipients.FirstOrDefault(recipient => recipient.AccountId == accountId) is { } recipient && MayRelease(recipient.Address))
                list.Append("Release: ").Append(Address(await links.MakeAsync(message.Id, recipient.Address, message.Expires, cancellation))).Append("\r\n");
        }
        var host = configuration.Server.Hostname.Ascii;
        var text = $"""
            From: Mail server <postmaster@{account.Address.Domain.Ascii}>
            To: {account.Address}
            Subject: {held.Count} {(held.Count == 1 ? "message is" : "messages are")} held for you
            Date: {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}
            Message-ID: <{Guid.NewGuid():n}@{host}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            These messages to you were not delivered, because they may be dangerous. If you know the sender and expect the message, you can have it delivered; if not, do nothing, and it is deleted.

            """.ReplaceLineEndings("\r\n");
        await mail.SendAsync(account.Address, Encoding.UTF8.GetBytes($"{text}{list}\r\nYour mail server, {host}\r\n"), TransportNeed.Usual, null, cancellation);
    }

    private bool MayRelease(EmailAddress recipient) => configuration.Quarantine.UsersRelease != configuration.Quarantine.UsersReleaseExcept.Has(recipient);

    private string Address(string token)
    {
        var port = configuration.Listeners.Https.Port;
        return $"https://{configuration.Server.Hostname.Ascii}{(port is 443 or 0 ? "" : $":{port}")}{QuarantinePage.Path}?t={token}";
    }

    // Nothing a stranger wrote ends a line here.
    private static string Line(string text) => text.Length == 0 ? "(none)" : text.ReplaceLineEndings(" ");
}
