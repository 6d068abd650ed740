using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Alerts;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Signs;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Grants;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Containment;
using Sternpost.Queue.Holds;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Composition;

/// <summary>The outgoing side's watch: limits, trust, signs, holds, containment, and how the administrator hears of it.</summary>
internal sealed class SendingSide : IAsyncDisposable
{
    private readonly HashSet<EmailAddress> traps;

    public SendingSide(ServerConfiguration configuration, Database database, AccountDirectory directory, TimeProvider time)
    {
        traps = [.. configuration.Filter.Traps];
        Options = new TrustOptions { Enabled = configuration.Abuse.HoldUnusual, Silence = configuration.Abuse.Silence, ContainsItself = configuration.Abuse.Contain };
        Limits = new SendingLimits(database, Settings.Sending(configuration), time) { Acquainted = Sternpost.Filter.Evidence.ServerEvidence.Knows };
        Trust = new SenderTrust(database, Options, time);
        Planted = new PlantedNames(database, time);
        Passwords = new AppPasswordBook(database, directory, time);
        Grants = new SenderGrantBook(database, directory, time);
    }

    public TrustOptions Options { get; }
    public SendingLimits Limits { get; }
    public SenderTrust Trust { get; }
    public PlantedNames Planted { get; }
    public AppPasswordBook Passwords { get; }
    public SenderGrantBook Grants { get; }
    public AlertBook Alerts { get; private set; } = null!;
    public AccountContainment Containment { get; private set; } = null!;
    public SignInWatch SignIns { get; private set; } = null!;
    public SignWatch? Watch { get; private set; }
    public HeldMail? Held { get; private set; }

    /// <summary>What a running server has beside that; the command line needs only <see cref="ForCommands"/>.</summary>
    public SendingSide Complete(
        ServerConfiguration configuration, Database database, AccountDirectory directory, MailStore mail, ServerMail own, QueueSignal signal, Queue.QueueOptions options, TraceBook book, IDnsResolver resolver, TimeProvider time, ILoggerFactory loggers)
    {
        Alerts = new AlertBook(database, Ways(configuration, database.Folder, own), time, loggers.CreateLogger<AlertBook>());
        Containment = new AccountContainment(database, directory, Passwords, Grants, mail, Trust, Alerts, book, signal, time);
        SignIns = new SignInWatch(database, Trust, Planted, Alerts, resolver, configuration.Abuse.SignInLists, time);
        Watch = new SignWatch(database, directory, Containment, Trust, Limits, Alerts, Options, time, loggers.CreateLogger<SignWatch>());
        Held = new HeldMail(database, directory, own, signal, options, book, time, loggers.CreateLogger<HeldMail>());
        return this;
    }

    /// <summary>Beside a running server: alerts are written down here and sent there.</summary>
    public static AccountContainment ForCommands(ServerConfiguration configuration, Database database, AccountDirectory directory, MailStore mail, ILoggerFactory loggers)
    {
        var side = new SendingSide(configuration, database, directory, TimeProvider.System);
        var alerts = new AlertBook(database, Ways(configuration, database.Folder, null), TimeProvider.System, loggers.CreateLogger<AlertBook>());
        return new AccountContainment(database, directory, side.Passwords, side.Grants, mail, side.Trust, alerts, null, new QueueSignal(), TimeProvider.System);
    }

    /// <summary>A user has named a recipient: is it one that only a thief has, or a trap?</summary>
    public async ValueTask AskedAsync(Account account, EmailAddress recipient, System.Net.IPAddress client, CancellationToken cancellation)
    {
        if (await Planted.IsCanaryAsync(recipient, cancellation))
            await Trust.NoticeAsync(account.Id, SignKind.Canary, $"{account.Address} wrote from {client} to {recipient}, an address that only a stolen address book has.", certain: true, 0, cancellation);
        else if (traps.Contains(recipient))
            await Trust.NoticeAsync(account.Id, SignKind.Trap, $"{account.Address} wrote from {client} to the spam trap {recipient}.", certain: false, Options.Budget / 2, cancellation);
    }

    public async ValueTask StartAsync(CancellationToken cancellation)
    {
        await SignIns.LoadAsync(cancellation);
        Alerts.Start();
        Watch?.Start();
        Held?.Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (Held is not null) await Held.DisposeAsync();
        if (Watch is not null) await Watch.DisposeAsync();
        if (Alerts is not null) await Alerts.DisposeAsync();
    }

    // Without a place to send from (the command line) the ways are only counted, so that the server knows that they are owed.
    private static List<IAlertWay> Ways(ServerConfiguration configuration, string folder, ServerMail? own)
    {
        var (alerts, host) = (configuration.Alerts, configuration.Server.Hostname?.Ascii ?? "localhost");
        var ways = new List<IAlertWay>();
        if (alerts.Mail.Count > 0)
        {
            ways.Add(new MailWay(alerts.Mail, EmailAddress.Of("postmaster", configuration.Server.Hostname ?? DomainName.Parse("localhost")), host,
                (to, message, cancellation) => own is null ? new ValueTask<bool>(false) : own.SendAsync(to, message, TransportNeed.Usual, null, cancellation)));
        }
        if (alerts.Webhook is { } webhook) ways.Add(new WebhookWay(webhook, host, Token(alerts.WebhookToken, folder)));
        if (alerts.Ntfy is { } ntfy) ways.Add(new NtfyWay(ntfy, host, Token(alerts.NtfyToken, folder)));
        if (alerts.Syslog.Length > 0) ways.Add(new SyslogWay(alerts.Syslog, host));
        return ways;
    }

    private static Func<string>? Token(Secret? secret, string folder) => secret is null ? null : () => secret.Reveal(folder);
}
