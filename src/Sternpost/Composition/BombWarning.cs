using System.Globalization;
using System.Text;
using Sternpost.Abuse.Alerts;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Composition;

/// <summary>Tells the owner of an account that somebody is signing his address up everywhere, and what that is usually for; and the administrator likewise.</summary>
internal sealed class BombWarning(AccountDirectory directory, ServerMail mail, IAlerts alerts, DomainName host, TimeProvider time)
{
    public async ValueTask SendAsync(long accountId, int messages, int domains)
    {
        var account = (await directory.AccountsAsync(null, CancellationToken.None)).FirstOrDefault(account => account.Id == accountId);
        if (account is null) return;
        var text = $"""
            From: Mail server <postmaster@{account.Address.Domain.Ascii}>
            To: {account.Address}
            Subject: Somebody is signing your address up for newsletters
            Date: {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}
            Message-ID: <{Guid.NewGuid():n}@{host.Ascii}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            Within an hour {messages} letters came to you that follow a sign-up, from {domains} different senders you had nothing to do with before.

            That is rarely a joke. It is done to bury one message that matters: the notice of a payment, of a changed password, of an order in your name. Look at your bank, your shops and your accounts now, and look through your inbox for such a message among the others.

            Further letters of this kind go to your Junk folder until it is over. Login codes, and everybody you have written with, come to your inbox as always. You need not unsubscribe from anything.

            Your mail server, {host.Ascii}
            """;
        await alerts.RaiseAsync(
            new Alert("mail-bomb", $"Somebody is signing {account.Address} up for newsletters", $"""
                Within an hour {messages} letters that follow a sign-up came to {account.Address}, from {domains} senders it had nothing to do with before.

                That is done to bury one message that matters, such as the notice of a payment. Further letters of this kind go to the account's Junk folder, for three hours after the last one that shows the burst. Its owner has been written to and sees it in the webmail.

                What to do: make sure by telephone that its owner knows, for the warning itself may be buried. The owner ends the shield in the webmail where it is no attack.
                """),
            CancellationToken.None);
        await mail.SendAsync(account.Address, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n") + "\r\n"), TransportNeed.Usual, null, CancellationToken.None);
    }
}
