using System.Globalization;
using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Web.Account;

/// <summary>What is written about forwards: the question to an address whether it wants mail sent on to it, and word to the account of each change.</summary>
internal sealed class ForwardLetters(ServerMail mail, DomainName host, TimeProvider time)
{
    /// <summary>Asks an address, with the code that says yes.</summary>
    public ValueTask<bool> AskAsync(Accounts.Account account, EmailAddress address, string code, CancellationToken cancellation) => SendAsync(
        account, address, $"Code {Spaced(code)}: may mail of {account.Address} be sent on to you?",
        $"""
        The account {account.Address} on {host.Ascii} asks to have its mail sent on to {address}.

        If that is you, or you want it, type this code into the settings there, or tell it to the owner of the account:

            {Spaced(code)}

        It is good for a day. If you know nothing of this, do nothing: without the code no mail comes to you, and you are not asked more than three times a day. Do not give the code to somebody who asks you for it and whom you do not know.
        """,
        cancellation);

    /// <summary>Tells the account.</summary>
    public ValueTask<bool> TellAsync(Accounts.Account account, string subject, string text, string client, CancellationToken cancellation) => SendAsync(
        account, account.Address, subject,
        $"""
        {text}

        It was done in the settings of the webmail, from {client}, on {time.GetUtcNow().UtcDateTime.ToString("d MMMM yyyy 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture)}.

        If that was not you, somebody else is in your account: turn forwarding off (Settings, Forwarding), change your password, and tell your administrator.
        """,
        cancellation);

    private ValueTask<bool> SendAsync(Accounts.Account account, EmailAddress to, string subject, string text, CancellationToken cancellation) => mail.SendAsync(
        to,
        Encoding.UTF8.GetBytes($"""
            From: Mail server <postmaster@{account.Address.Domain.Ascii}>
            To: {to}
            Subject: {subject}
            Date: {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}
            Message-ID: <{Guid.NewGuid():n}@{host.Ascii}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            {text}

            Your mail server, {host.Ascii}

            """.ReplaceLineEndings("\r\n")),
        TransportNeed.Usual, null, cancellation);

    // Easier to read and to say.
    private static string Spaced(string code) => code[..4] + " " + code[4..];
}
