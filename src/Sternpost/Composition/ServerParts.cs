using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Sites;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Scripts;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Accounts.Sessions;
using Sternpost.Behind;
using Sternpost.Configuration;
using Sternpost.Desk;
using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Outgoing;
using Sternpost.Filter.Verdicts;
using Sternpost.Fronts;
using Sternpost.Fronts.Milter;
using Sternpost.Fronts.Rspamd;
using Sternpost.Fronts.Spamd;
using Sternpost.Imap;
using Sternpost.Jmap;
using Sternpost.Mailboxes;
using Sternpost.Malware.Scanning;
using Sternpost.ManageSieve;
using Sternpost.Messages.Addresses;
using Sternpost.Pop3;
using Sternpost.Queue;
using Sternpost.Queue.Answers;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Filing;
using Sternpost.Queue.Gateway;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Quarantine;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.Signing;
using Sternpost.Queue.Suppression;
using Sternpost.Reports;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;
using Sternpost.Smtp.Server;
using Sternpost.Storage;
using Sternpost.Tracing;
using Sternpost.Watch;

namespace Sternpost.Composition;

/// <summary>
/// The whole server put together, nothing of it running yet: which implementation stands behind each seam is decided here and
/// nowhere else. Read from top to bottom it is the way of a message.
/// </summary>
internal sealed class ServerParts
{
    public ServerParts(ServerConfiguration configuration, Database database, HostOptions host, TimeProvider time, ILoggerFactory loggers)
    {
        Database = database;
        Directory = new AccountDirectory(database, time);
        Sessions = new AccountSessions(Directory, time, loggers.CreateLogger<AccountSessions>());
        var credentials = new Credentials(database, Directory, time);
        SecondFactors = new SecondFactorBook(database, Directory, time);
        Sasl = new SaslServer(credentials) { Sessions = Sessions, SecondFactors = SecondFactors };
        Mail = new MailStore(database, Directory, time);
        Scripts = new ScriptStore(database, time);

        Resolver = host.Resolver ?? new DnsResolver(Settings.Dns(configuration), time, loggers.CreateLogger<DnsResolver>());
        Classifier = new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model));
        Lessons = new AccountLessons(database, FilterComposition.Options(configuration), Classifier, time, loggers.CreateLogger<AccountLessons>());
        Evidence = new ServerEvidence(database, Directory, FilterComposition.Options(configuration), time, loggers.CreateLogger<ServerEvidence>())
        {
            Mail = new DeliveredMail(Mail),
            ListJudges = StandardJudges.Lists(FilterComposition.Options(configuration), Resolver),
        };
        JunkLessons = new JunkLessons(Mail, Lessons, Evidence, loggers.CreateLogger<JunkLessons>());
        Mail.Lessons = JunkLessons;
        Scanners = FilterComposition.Scanners(configuration, time, loggers);
        Judges = FilterComposition.Panel(configuration, Classifier, Resolver, Lessons, time, loggers, IsLocalAsync, Evidence, Scanners);

        Book = new TraceBook(database, time, loggers.CreateLogger<TraceBook>());
        TraceUpkeep = new TraceUpkeep(database, configuration.Storage.KeepTraces, time, loggers.CreateLogger<TraceUpkeep>());
        Sending = new SendingSide(configuration, database, Directory, time);
        QueueOptions = Settings.Queue(configuration, database.Folder, host.LoopbackOnly);
        Signal = new QueueSignal();
        Keys = new DkimKeys(database, time);
        var signer = new DkimMessageSigner(database, time);
        var publisher = host.LoopbackOnly ? null : ZoneUpdates.Publisher(configuration, database, time);
        Rotation = new DkimRotation(database, Directory, Keys, Resolver, new RotationOptions { RotateAfter = configuration.Sending.DkimRotateAfter }, time, loggers.CreateLogger<DkimRotation>())
        {
            Publish = publisher is null ? null : async (domain, keys, cancellation) =>
                await publisher.PublishKeysAsync(domain, keys, cancellation) is { State: not PrimaryState.Done } problem ? problem.Reason : null,
        };
        Reports = new ReceivedReports(database, Settings.Reports(configuration), time, loggers.CreateLogger<ReceivedReports>());
        var own = new ServerMail(database, Directory, Mail, signer.SignAsync, Signal, QueueOptions, time) { Book = Book };
        Answers = new VacationAnswers(database, Directory, Mail, own, configuration.Server.Hostname.Ascii, time, loggers.CreateLogger<VacationAnswers>());
        if (Settings.JunkWatch(configuration) is { } watching)
        {
            var passed = new PassedMail(database, [.. watching.Servers.Keys], configuration.Server.Hostname, time);
            PassedMail = passed;
            JunkWatch = new JunkWatch(watching, new WatchedMailboxes(database, time), passed, Lessons, time, loggers.CreateLogger<JunkWatch>());
        }
        Intake = new MessageIntake(database, Directory, Mail, Judges, Sending.Limits, signer.SignAsync, Signal, QueueOptions, time, loggers.CreateLogger<MessageIntake>())
        {
            Sealer = new ForwardSealer(signer, Resolver, configuration.Server.Hostname, time).SealAsync,
            Reports = Reports,
            Desk = new AbuseDesk(database, Directory, configuration.Server.Hostname, time, loggers.CreateLogger<AbuseDesk>()).ReadAsync,
            Evidence = Evidence,
            Book = Book,
            Trust = Sending.Trust,
            Content = new OutgoingContent(Classifier),
            Answers = Answers,
            Scripts = new ScriptedDelivery(database, Scripts, Mail, Directory, own, configuration.Server.Hostname.Ascii, time, loggers.CreateLogger<ScriptedDelivery>()),
            KeepHeld = configuration.Quarantine.Keep,
            Passed = PassedMail,
        };
        Runner = new QueueRunner(database, Directory, Mail, Resolver, signer.SignAsync, Signal, QueueOptions, time, loggers.CreateLogger<QueueRunner>(), Book, Sending.Trust);

        Smtp = new SmtpServer(Settings.Smtp(configuration, host.LoopbackOnly), Directory, Sasl, Judges, Sending.Limits, Intake, Resolver, time, loggers);
        var observations = new DmarcObservations(database, time, loggers.CreateLogger<DmarcObservations>());
        var aggregates = AggregateReports.Sender(configuration, host.LoopbackOnly, database, Directory, Reports, Resolver, own, time, loggers);
        Sending.Complete(configuration, database, Directory, Mail, own, Signal, QueueOptions, Book, Resolver, time, loggers);
        credentials.Watch = Sending.SignIns;
        Smtp.RecipientAsked = Sending.AskedAsync;
        Smtp.Judged = (envelope, judgement) =>
        {
            if (aggregates is not null) DmarcCounting.Count(observations, Reports, envelope, judgement);
            if (judgement.Verdict.Disposition == Disposition.Reject) Evidence.Refused(judgement);
        };
        Smtp.Greylist = Evidence.Greylist;
        var suppression = new SuppressionList(database, time);
        Smtp.Suppressed = async (address, cancellation) => await suppression.FindAsync(address, cancellation) is not { } found ? null
            : $"{(found.ByHand ? "your administrator has stopped mail to it" : $"mail to it came back {found.Bounces} times because it is not there, last on {found.Since.UtcDateTime:yyyy-MM-dd}")}; if it works, your administrator can say: sternpost suppression remove {address}";
        Smtp.ForeignBounce = new BounceTagRule(database, Directory, QueueOptions, time, [configuration.Reports.Mailbox]).IsForeignAsync;
        Smtp.Book = Book;
        if (!host.LoopbackOnly) Watch = new ReputationWatch(configuration, database, Directory, Resolver, own, Sending.Alerts, time, loggers.CreateLogger<ReputationWatch>());
        Smtp.Sites = SiteSending = new SiteSending(database, time);
        if (OperatingSystem.IsLinux() && configuration.Sites is { Socket.Length: > 0, Spool.Length: > 0 } sites)
            WaitingMail = new WaitingMail(sites.Spool, sites.Socket, Directory, configuration.Server.Hostname, own, time, loggers.CreateLogger<WaitingMail>());
        ReleaseLinks = new ReleaseLinks(database, time);
        var digest = new QuarantineDigest(configuration, Directory, ReleaseLinks, own, time);
        QuarantineUpkeep = new QuarantineUpkeep(database, Intake, new QuarantineOptions { Keep = configuration.Quarantine.Keep, Digest = configuration.Quarantine.Digest }, time, loggers.CreateLogger<QuarantineUpkeep>())
        {
            WriteDigest = digest.SendAsync,
            Teach = async (account, message, cancellation) => await Lessons.TeachAsync(account, message, junk: false, cancellation: cancellation),
        };
        Evidence.WarnOfBomb = new BombWarning(Directory, own, Sending.Alerts, configuration.Server.Hostname, time).SendAsync;
        ReportUpkeep = new ReportUpkeep(observations, aggregates, Reports, time, loggers.CreateLogger<ReportUpkeep>());
        Imap = new ImapServer(Mail, Directory, Sasl, Settings.Imap(configuration), time, loggers);
        Pop3 = new Pop3Server(Mail, Sasl, new Pop3Options { HostName = configuration.Server.Hostname.Ascii }, time, loggers.CreateLogger<Pop3Server>());
        ManageSieve = new ManageSieveServer(Scripts, Sasl, new ManageSieveOptions(), time, loggers.CreateLogger<ManageSieveServer>());

        var queued = new QueueInspection(database, time);
        Jmap = new JmapServer(Settings.Jmap(configuration, host.LoopbackOnly), database, Mail, Directory, Sasl, Smtp.Direct, async (name, cancellation) =>
            QueueId.TryParse(name, out var id) && await queued.FindAsync(id, cancellation) is { } entry ? entry.Recipients.Select(recipient => recipient.Recipient.Address.ToString()).ToHashSet() : null, time, loggers);

        var fronts = Settings.Fronts(configuration);
        if (Settings.Gateway(configuration, database.Folder) is { } gateway) Smtp.Gateway = Gateway = new MailGateway(gateway, QueueOptions, time, loggers.CreateLogger<MailGateway>());
        Smtp.ContentFilter = Settings.ContentFilter(configuration, new MessageMarks(fronts).Mark);
        Milter = new MilterFront(Judges, fronts, time, loggers);
        Spamd = new SpamdFront(Judges, fronts, TeachAsync, time, loggers);
        Rspamd = new RspamdFront(Judges, fronts, TeachAsync, time, loggers);
    }

    private async ValueTask<bool> TeachAsync(ReadOnlyMemory<byte> message, FrontLesson lesson, string? user, CancellationToken cancellation)
    {
        // A front's client names a user by address; what no account of ours says teaches nothing.
        if (!EmailAddress.TryParse(user, out var address) || await Directory.FindAccountAsync(address, cancellation) is not { } account) return false;
        if (lesson == FrontLesson.Forget) return await Lessons.ForgetAsync(account.Id, message, cancellation);
        return await Lessons.TeachAsync(account.Id, message, lesson == FrontLesson.Spam, cancellation: cancellation) == LessonOutcome.Learned;
    }

    private async ValueTask<bool> IsLocalAsync(DomainName domain, CancellationToken cancellation)
    {
        foreach (var local in await Directory.DomainsAsync(cancellation))
        {
            if (local.Name == domain) return true;
        }
        return false;
    }

    public Database Database { get; }
    public AccountDirectory Directory { get; }
    public AccountSessions Sessions { get; }
    public SecondFactorBook SecondFactors { get; }
    public SaslServer Sasl { get; }
    public MailStore Mail { get; }
    public IDnsResolver Resolver { get; }
    public StatisticalClassifier Classifier { get; }
    public AccountLessons Lessons { get; }
    public ServerEvidence Evidence { get; }
    public JunkLessons JunkLessons { get; }
    public ScannerSet? Scanners { get; }
    public MailGateway? Gateway { get; }
    public PassedMail? PassedMail { get; }
    public JunkWatch? JunkWatch { get; }
    public JudgePanel Judges { get; }
    public TraceBook Book { get; }
    public TraceUpkeep TraceUpkeep { get; }
    public SendingSide Sending { get; }
    public QueueOptions QueueOptions { get; }
    public QueueSignal Signal { get; }
    public DkimKeys Keys { get; }
    public DkimRotation Rotation { get; }
    public ReceivedReports Reports { get; }
    public ReportUpkeep ReportUpkeep { get; }
    public MessageIntake Intake { get; }
    public VacationAnswers Answers { get; }
    public QueueRunner Runner { get; }
    public ReleaseLinks ReleaseLinks { get; }
    public QuarantineUpkeep QuarantineUpkeep { get; }
    public SmtpServer Smtp { get; }
    public SiteSending SiteSending { get; }

    /// <summary>Null where the world has nothing to do with this server.</summary>
    public ReputationWatch? Watch { get; }

    /// <summary>Null where programs of this computer have no folder to leave mail in.</summary>
    public WaitingMail? WaitingMail { get; }
    public ImapServer Imap { get; }
    public Pop3Server Pop3 { get; }
    public ScriptStore Scripts { get; }
    public ManageSieveServer ManageSieve { get; }
    public JmapServer Jmap { get; }
    public MilterFront Milter { get; }
    public SpamdFront Spamd { get; }
    public RspamdFront Rspamd { get; }
}
