using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Imap;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Storage;

namespace Sternpost.Unit.Imap;

/// <summary>An IMAP server on loopback with a database of its own, one cleartext and one TLS port, and the account alice@example.test.</summary>
internal sealed class ImapHouse : IAsyncDisposable
{
    internal const string Password = "correct horse";
    private static readonly X509Certificate2 Certificate = MakeCertificate();

    private readonly string folder;
    private readonly Database database;
    private readonly MailListeners listeners;

    private ImapHouse(string folder, Database database, MailListeners listeners, MailStore store, Account alice)
    {
        this.folder = folder;
        this.database = database;
        this.listeners = listeners;
        Store = store;
        Alice = alice;
    }

    internal MailStore Store { get; }

    internal Account Alice { get; }

    internal int ClearPort => listeners.Bound.Single(bound => bound.Name == "imap").EndPoint.Port;

    internal int TlsPort => listeners.Bound.Single(bound => bound.Name == "imaps").EndPoint.Port;

    internal static async Task<ImapHouse> OpenAsync(Func<ImapOptions, ImapOptions>? change = null, long quota = 0, ILoggerFactory? loggers = null)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-imap-").FullName;
        var time = TimeProvider.System;
        var database = await Database.OpenAsync(folder, time, default);
        var directory = new AccountDirectory(database, time);
        await directory.AddDomainAsync(Parse("example.test"), default);
        var alice = await directory.AddAccountAsync(Address("alice@example.test"), Password, "Alice", administrator: false, quota, default);
        var store = new MailStore(database, directory, time);
        var sasl = new SaslServer(new Credentials(database, directory, time));
        var options = new ImapOptions { HostName = "mail.example.test", FailureDelay = TimeSpan.FromMilliseconds(1) };
        if (change is not null) options = change(options);
        var server = new ImapServer(store, directory, sasl, options, time, loggers ?? NullLoggerFactory.Instance);
        var listeners = new MailListeners(new TlsCertificates((Certificate, [])), new ConnectionLimits(), time, loggers ?? NullLoggerFactory.Instance);
        await listeners.ListenAsync(new ListenerDefinition("imap", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Upgrade, server.ServeAsync), default);
        await listeners.ListenAsync(new ListenerDefinition("imaps", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Implicit, server.ServeAsync), default);
        return new ImapHouse(folder, database, listeners, store, alice);
    }

    /// <summary>A connection over TLS that has read the greeting.</summary>
    internal Task<Talk> ConnectAsync() => Talk.ConnectAsync(TlsPort, tls: true);

    /// <summary>A connection signed in as alice.</summary>
    internal async Task<Talk> SignInAsync()
    {
        var talk = await ConnectAsync();
        await talk.SayAsync($"""
            C: login LOGIN alice@example.test "{Password}"
            S: login OK …
            """);
        return talk;
    }

    /// <summary>A connection with INBOX selected, its responses read.</summary>
    internal async Task<Talk> SelectAsync(string enable = "")
    {
        var talk = await SignInAsync();
        if (enable.Length > 0) await talk.CommandAsync($"ENABLE {enable}");
        await talk.CommandAsync("SELECT INBOX");
        return talk;
    }

    /// <summary>Puts messages into INBOX, or another mailbox.</summary>
    internal async Task<IReadOnlyList<uint>> AppendAsync(string mailbox, params string[] messages)
    {
        var target = await Store.FindAsync(Alice.Id, mailbox, default);
        Assert.NotNull(target);
        var (outcome, _, uids) = await Store.AppendAsync(target.Id, [.. messages.Select(message => new NewEmail(default, Lines(message), MessageFlags.None, [], DateTimeOffset.Parse("2026-02-03T10:00:00+01:00")))], default);
        Assert.Equal(MailboxOutcome.Ok, outcome);
        return uids;
    }

    /// <summary>Text with CRLF line ends, as octets.</summary>
    internal static byte[] Lines(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    /// <summary>A message whose subject and body say who it is.</summary>
    internal static string Letter(int number) => $"""
        From: Sender {number} <sender{number}@example.com>
        To: alice@example.test
        Subject: Letter {number}
        Date: Mon, {number % 28 + 1} Feb 2026 10:00:00 +0000
        Message-ID: <letter{number}@example.com>

        This is letter {number}.

        """;

    internal Task StopAsync(TimeSpan patience) => listeners.StopAsync(patience);

    public async ValueTask DisposeAsync()
    {
        await listeners.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static DomainName Parse(string name) => DomainName.TryParse(name, out var parsed) ? parsed : throw new ArgumentException(name);

    private static EmailAddress Address(string address) => EmailAddress.TryParse(address, out var parsed) ? parsed : throw new ArgumentException(address);

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(30));
    }
}
