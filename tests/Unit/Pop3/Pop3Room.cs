using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Pop3;
using MailKit.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Pop3;
using Sternpost.Storage;

namespace Sternpost.Unit.Pop3;

/// <summary>A POP3 server on loopback, with TLS from the first byte and with STLS, over a store with the account alice@example.com.</summary>
internal sealed class Pop3Room : IAsyncDisposable
{
    internal const string User = "alice@example.com";
    internal const string Password = "correct horse battery";

    private readonly X509Certificate2 certificate = CertificateMaker.Leaf(null, ["localhost"], [IPAddress.Loopback], DateTimeOffset.UtcNow);
    private readonly MailListeners listeners;
    private readonly string folder;

    private Pop3Room(string folder, Database database, Pop3Options options)
    {
        this.folder = folder;
        Database = database;
        Directory = new AccountDirectory(database, TimeProvider.System);
        Mail = new MailStore(database, Directory, TimeProvider.System);
        var sasl = new SaslServer(new Credentials(database, Directory, TimeProvider.System));
        Server = new Pop3Server(Mail, sasl, options, TimeProvider.System, NullLogger<Pop3Server>.Instance);
        listeners = new MailListeners(new TlsCertificates((certificate, [])), new ConnectionLimits(), TimeProvider.System, NullLoggerFactory.Instance);
    }

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal string Folder => folder;

    internal Database Database { get; }

    internal AccountDirectory Directory { get; }

    internal MailStore Mail { get; }

    internal Pop3Server Server { get; }

    internal int TlsPort => listeners.Bound.First(bound => bound.Name == "pop3s").EndPoint.Port;

    internal int ClearPort => listeners.Bound.First(bound => bound.Name == "pop3").EndPoint.Port;

    internal static async Task<Pop3Room> OpenAsync(Pop3Options? options = null)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("pop3").FullName;
        var room = new Pop3Room(folder, await Database.OpenAsync(folder, TimeProvider.System, Cancellation), options ?? new Pop3Options { HostName = "mail.example.com" });
        await room.Directory.AddDomainAsync(DomainName.Parse("example.com"), Cancellation);
        await room.Directory.AddAccountAsync(EmailAddress.Parse(User), Password, "", false, 0, Cancellation);
        await room.listeners.ListenAsync(new ListenerDefinition("pop3s", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Implicit, room.Server.ServeAsync), Cancellation);
        await room.listeners.ListenAsync(new ListenerDefinition("pop3", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Upgrade, room.Server.ServeAsync), Cancellation);
        return room;
    }

    internal async Task<Mailbox> InboxAsync()
    {
        var account = await Directory.FindAccountAsync(EmailAddress.Parse(User), Cancellation);
        return (await Mail.FindAsync(account!.Id, "INBOX", Cancellation))!;
    }

    internal async Task<IReadOnlyList<Entry>> EntriesAsync() => (await Mail.OpenAsync((await InboxAsync()).Id, Cancellation))!.Value.Entries;

    internal async Task AppendAsync(params string[] messages) => await AppendAsync([.. messages.Select(System.Text.Encoding.UTF8.GetBytes)]);

    internal async Task AppendAsync(params byte[][] messages)
    {
        var (outcome, _, _) = await Mail.AppendAsync((await InboxAsync()).Id,
            [.. messages.Select(message => new NewEmail(ReadOnlyMemory<byte>.Empty, message, MessageFlags.None, [], DateTimeOffset.UnixEpoch))], Cancellation);
        Assert.Equal(MailboxOutcome.Ok, outcome);
    }

    /// <summary>A client by others, signed in.</summary>
    internal async Task<Pop3Client> SignInAsync(string? mechanism = null, bool stls = false)
    {
        var client = await ConnectAsync(stls);
        if (mechanism is null) await client.AuthenticateAsync(User, Password, Cancellation);
        else await client.AuthenticateAsync(SaslMechanism.Create(mechanism, System.Text.Encoding.UTF8, new NetworkCredential(User, Password))!, Cancellation);
        return client;
    }

    internal async Task<Pop3Client> ConnectAsync(bool stls = false)
    {
        var client = new Pop3Client { ServerCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() };
        await client.ConnectAsync("127.0.0.1", stls ? ClearPort : TlsPort, stls ? SecureSocketOptions.StartTls : SecureSocketOptions.SslOnConnect, Cancellation);
        return client;
    }

    /// <summary>A line-by-line client; has read the greeting.</summary>
    internal async Task<Pop3Conversation> ConverseAsync(bool tls = true, bool signIn = true)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, tls ? TlsPort : ClearPort, Cancellation);
        var conversation = new Pop3Conversation(socket);
        if (tls) await conversation.StartTlsAsync();
        Assert.Equal("+OK mail.example.com Sternpost POP3 ready", await conversation.ReadAsync());
        if (tls && signIn)
        {
            await conversation.PlayAsync($"""
                C: USER {User}
                S: +OK *
                C: PASS {Password}
                S: +OK *
                """);
        }
        return conversation;
    }

    internal async Task StopAsync() => await listeners.StopAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        await listeners.DisposeAsync();
        try
        {
            Assert.Empty(await Database.ReadAsync(StoreInvariants.Check, Cancellation));
        }
        finally
        {
            await Database.DisposeAsync();
            System.IO.Directory.Delete(folder, recursive: true);
            certificate.Dispose();
        }
    }
}
