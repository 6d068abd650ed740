using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Sites;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Evidence.Greylisting;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Network;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Policy.ContentFilter;
using Sternpost.Smtp.Policy.Local;
using Sternpost.Smtp.Policy.Mx;
using Sternpost.Smtp.Policy.Submission;
using Sternpost.Tracing;

namespace Sternpost.Smtp.Server;

/// <summary>
/// The SMTP server (RFC 5321) at its doors: MX, where other servers bring mail for our domains, submission (RFC 6409), where our users
/// send, the socket for programs of this computer, and the content filter, where another server has its mail judged. Holds no connection; each method is a <see cref="MailSession"/> for a listener, and returns when the session is over.
/// </summary>
public sealed class SmtpServer
{
    private readonly SmtpServices services;
    private readonly MxPolicy mx;
    private readonly SubmissionPolicy submission;
    private readonly LocalPolicy local;
    private readonly ContentFilterPolicy filter;

    /// <summary>A server that resolves recipients in <paramref name="directory"/> and hands messages to <paramref name="intake"/>.</summary>
    /// <param name="options">Name and limits.</param>
    /// <param name="directory">Whose mail is taken.</param>
    /// <param name="sasl">How users sign in.</param>
    /// <param name="judges">Judge mail from outside.</param>
    /// <param name="limits">What users may send.</param>
    /// <param name="intake">Answers for a message from its 250 on.</param>
    /// <param name="resolver">Asked for reverse DNS.</param>
    /// <param name="time">The clock of dates and deadlines.</param>
    /// <param name="loggers">Category <c>Sternpost.Smtp</c>.</param>
    public SmtpServer(SmtpServerOptions options, AccountDirectory directory, SaslServer sasl, JudgePanel judges, SendingLimits limits, IMessageIntake intake, IDnsResolver resolver, TimeProvider time, ILoggerFactory loggers)
    {
        services = new SmtpServices(options, directory, sasl, judges, limits, intake, resolver, time, loggers.CreateLogger("Sternpost.Smtp"));
        mx = new MxPolicy(services);
        submission = new SubmissionPolicy(services);
        local = new LocalPolicy(services);
        Direct = new DirectSubmission(services);
        filter = new ContentFilterPolicy(services);
    }

    /// <summary>The same for users' messages that do not come by SMTP.</summary>
    public DirectSubmission Direct { get; }

    /// <summary>
    /// Told of every message from outside once it is judged, whatever became of it. It must not throw, nor take long: the client waits.
    /// Set once at composition.
    /// </summary>
    public Action<Envelope, Judgement>? Judged
    {
        get => services.Judged;
        set => services.Judged = value;
    }

    /// <summary>Who of those outside is asked to come back later; null asks nobody. Set once at composition.</summary>
    public Greylist? Greylist
    {
        get => services.Greylist;
        set => services.Greylist = value;
    }

    /// <summary>Told of each recipient that a user names, with who and from where, whatever is answered. Set once at composition.</summary>
    public Func<Account, EmailAddress, IPAddress, CancellationToken, ValueTask>? RecipientAsked
    {
        get => services.RecipientAsked;
        set => services.RecipientAsked = value;
    }

    /// <summary>Where refusals are written down for <c>trace</c>; null writes none. Set once at composition.</summary>
    public TraceBook? Book
    {
        get => services.Book;
        set => services.Book = value;
    }

    /// <summary>Counts what web sites send; null where there are none. Set once at composition.</summary>
    public SiteSending? Sites
    {
        get => services.Sites;
        set => services.Sites = value;
    }

    /// <summary>Serves a program of this computer at a socket of the file system, where the kernel says who connects.</summary>
    public Task ServeLocalAsync(MailConnection connection) => new SmtpSession(services, connection, local).RunAsync();

    /// <summary>The servers this one stands in front of; null for none. Set once at composition.</summary>
    public IGateway? Gateway
    {
        get => services.Gateway;
        set => services.Gateway = value;
    }

    /// <summary>Why users may not write to an address elsewhere now, in a sentence; null lets them write to all. Set once at composition.</summary>
    public Func<EmailAddress, CancellationToken, ValueTask<string?>>? Suppressed
    {
        get => services.Suppressed;
        set => services.Suppressed = value;
    }

    /// <summary>Whether a bounce to an address here is of mail that never left here, and refused; null takes all. Set once at composition.</summary>
    public Func<EmailAddress, CancellationToken, ValueTask<bool>>? ForeignBounce
    {
        get => services.ForeignBounce;
        set => services.ForeignBounce = value;
    }

    /// <summary>What becomes of mail at the content filter's door. Set once at composition, before that door opens.</summary>
    public ContentFilterOptions? ContentFilter
    {
        get => services.ContentFilter;
        set => services.ContentFilter = value;
    }

    /// <summary>Serves a server that hands over its mail to be judged and passed on to the next hop; SMTP and LMTP (RFC 2033) alike.</summary>
    public Task ServeContentFilterAsync(MailConnection connection) => new SmtpSession(services, connection, filter).RunAsync();

    /// <summary>Serves another mail server: mail for our domains only, no signing in, everything judged.</summary>
    public Task ServeMxAsync(MailConnection connection) => new SmtpSession(services, connection, mx).RunAsync();

    /// <summary>Serves a user's program: nothing before signing in, and only as oneself. STARTTLS and implicit TLS alike.</summary>
    public Task ServeSubmissionAsync(MailConnection connection) => new SmtpSession(services, connection, submission).RunAsync();
}
