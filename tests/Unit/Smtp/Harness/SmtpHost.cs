using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Abuse.Limits;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Smtp.Server;

namespace Sternpost.Unit.Smtp.Harness;

/// <summary>An SMTP server on real loopback sockets: doors "mx", "submission", "submissions", and "proxied", an MX behind a PROXY.</summary>
internal sealed class SmtpHost : IAsyncDisposable
{
    private readonly MailListeners listeners;

    private SmtpHost(MailListeners listeners, FakeIntake intake, ScriptedJudge judge, ZoneResolver zone)
    {
        this.listeners = listeners;
        Intake = intake;
        Judge = judge;
        Zone = zone;
    }

    internal static SmtpServerOptions Options { get; } = new()
    {
        HostName = DomainName.Parse("mail.here.test"),
        GreetingDelay = TimeSpan.Zero,
        ErrorDelay = TimeSpan.Zero,
    };

    internal FakeIntake Intake { get; }

    internal ScriptedJudge Judge { get; }

    internal ZoneResolver Zone { get; }

    internal static async Task<SmtpHost> StartAsync(SmtpServerOptions? options = null, SendingLimitOptions? limits = null, bool ownSasl = false)
    {
        var world = await World.GetAsync();
        var (intake, judge, zone, clock) = (new FakeIntake(), new ScriptedJudge(), new ZoneResolver(), TimeProvider.System);
        var server = new SmtpServer(
            options ?? Options, world.Directory, ownSasl ? world.NewSasl() : world.Sasl, new JudgePanel(new FilterOptions(), [judge], null, TimeProvider.System),
            new SendingLimits(world.Database, limits ?? new SendingLimitOptions(), TimeProvider.System), intake, zone, clock, NullLoggerFactory.Instance);
        var listeners = new MailListeners(new TlsCertificates((World.Certificate, [])), new ConnectionLimits { Exempt = [IPNetwork.Parse("0.0.0.0/0")] }, clock, NullLoggerFactory.Instance);
        IReadOnlyList<IPEndPoint> anyPort = [new IPEndPoint(IPAddress.Loopback, 0)];
        await listeners.ListenAsync(new ListenerDefinition("mx", anyPort, TlsMode.Upgrade, server.ServeMxAsync), default);
        await listeners.ListenAsync(new ListenerDefinition("proxied", anyPort, TlsMode.Upgrade, server.ServeMxAsync) { ProxyNetworks = [IPNetwork.Parse("127.0.0.0/8")] }, default);
        await listeners.ListenAsync(new ListenerDefinition("submission", anyPort, TlsMode.Upgrade, server.ServeSubmissionAsync), default);
        await listeners.ListenAsync(new ListenerDefinition("submissions", anyPort, TlsMode.Implicit, server.ServeSubmissionAsync), default);
        return new SmtpHost(listeners, intake, judge, zone);
    }

    internal int Port(string door) => listeners.Bound.Single(bound => bound.Name == door).EndPoint.Port;

    internal Task<Conversation> ConnectAsync(string door = "mx", string? proxiedFrom = null) => Conversation.OpenAsync(Port(door), door == "submissions", proxiedFrom);

    /// <summary>Plays a script at a door; see <see cref="Conversation.PlayAsync"/>.</summary>
    internal async Task PlayAsync(string script, string door = "mx", string? proxiedFrom = null)
    {
        await using var conversation = await ConnectAsync(door, proxiedFrom);
        await conversation.PlayAsync(script);
    }

    internal Task StopAsync(TimeSpan patience) => listeners.StopAsync(patience);

    public async ValueTask DisposeAsync() => await listeners.DisposeAsync();
}
