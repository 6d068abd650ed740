using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Scripts;
using Sternpost.Accounts.Sessions;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.ManageSieve;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Storage;
using Sternpost.Unit.Pop3;

namespace Sternpost.Unit.ManageSieve;

/// <summary>A ManageSieve server on loopback over a folder with the account alice@example.com.</summary>
internal sealed class ManageSieveHouse : IAsyncDisposable
{
    internal const string User = "alice@example.com";
    internal const string Password = "correct horse battery";

    private readonly X509Certificate2 certificate = CertificateMaker.Leaf(null, ["localhost"], [IPAddress.Loopback], DateTimeOffset.UtcNow);
    private readonly MailListeners listeners;
    private readonly string folder;

    private ManageSieveHouse(string folder, Database database, ManageSieveOptions options)
    {
        this.folder = folder;
        Database = database;
        Directory = new AccountDirectory(database, TimeProvider.System);
        Sessions = new AccountSessions(Directory, TimeProvider.System, NullLogger<AccountSessions>.Instance);
        Scripts = new ScriptStore(database, TimeProvider.System);
        var sasl = new SaslServer(new Credentials(database, Directory, TimeProvider.System)) { Sessions = Sessions };
        Server = new ManageSieveServer(Scripts, sasl, options, TimeProvider.System, NullLogger<ManageSieveServer>.Instance);
        listeners = new MailListeners(new TlsCertificates((certificate, [])), new ConnectionLimits(), TimeProvider.System, NullLoggerFactory.Instance);
    }

    internal static ManageSieveOptions Options { get; } = new() { FailureDelay = TimeSpan.Zero, CommandsPerSecond = 10_000 };

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal Database Database { get; }

    internal AccountDirectory Directory { get; }

    internal AccountSessions Sessions { get; }

    internal ScriptStore Scripts { get; }

    internal ManageSieveServer Server { get; }

    internal int Port => listeners.Bound[0].EndPoint.Port;

    /// <summary>An initial response of PLAIN.</summary>
    internal static string Plain(string password = Password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{User}\0{password}"));

    internal static async Task<ManageSieveHouse> OpenAsync(Func<ManageSieveOptions, ManageSieveOptions>? change = null)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("managesieve").FullName;
        var house = new ManageSieveHouse(folder, await Database.OpenAsync(folder, TimeProvider.System, Cancellation), change?.Invoke(Options) ?? Options);
        await house.Directory.AddDomainAsync(DomainName.Parse("example.com"), Cancellation);
        await house.Directory.AddAccountAsync(EmailAddress.Parse(User), Password, "", false, 0, Cancellation);
        await house.listeners.ListenAsync(new ListenerDefinition("managesieve", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Upgrade, house.Server.ServeAsync), Cancellation);
        return house;
    }

    internal async Task<long> AliceAsync() => (await Directory.FindAccountAsync(EmailAddress.Parse(User), Cancellation))!.Id;

    /// <summary>A client in clear that has read the greeting.</summary>
    internal async Task<Pop3Conversation> ConnectAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Port, Cancellation);
        var conversation = new Pop3Conversation(socket);
        Assert.StartsWith("OK", (await AnswerAsync(conversation))[^1], StringComparison.Ordinal);
        return conversation;
    }

    /// <summary>A client under TLS, signed in where wanted.</summary>
    internal async Task<Pop3Conversation> ConverseAsync(bool signIn = true)
    {
        var conversation = await ConnectAsync();
        await conversation.PlayAsync("""
            C: STARTTLS
            S: OK *
            """);
        await conversation.StartTlsAsync();
        await AnswerAsync(conversation);
        if (signIn) await conversation.PlayAsync($"""
            C: AUTHENTICATE "PLAIN" "{Plain()}"
            S: OK *
            """);
        return conversation;
    }

    /// <summary>Lines up to and with the one that ends a response.</summary>
    internal static async Task<List<string>> AnswerAsync(Pop3Conversation conversation)
    {
        var lines = new List<string>();
        while (await conversation.ReadAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("OK", StringComparison.Ordinal) || line.StartsWith("NO", StringComparison.Ordinal) || line.StartsWith("BYE", StringComparison.Ordinal)) break;
        }
        return lines;
    }

    internal async Task StopAsync() => await listeners.StopAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        await listeners.DisposeAsync();
        await Sessions.DisposeAsync();
        try
        {
            Assert.Empty(await Database.ReadAsync(ScriptStore.Check, Cancellation));
        }
        finally
        {
            await Database.DisposeAsync();
            System.IO.Directory.Delete(folder, recursive: true);
            certificate.Dispose();
        }
    }
}
