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
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Policy.ContentFilter;
using Sternpost.Smtp.Policy.Mx;
using Sternpost.Tracing;

namespace Sternpost.Smtp.Server;

/// <summary>What all sessions share.</summary>
internal sealed record SmtpServices(
    SmtpServerOptions Options,
    AccountDirectory Directory,
    SaslServer Sasl,
    JudgePanel Judges,
    SendingLimits Limits,
    IMessageIntake Intake,
    IDnsResolver Resolver,
    TimeProvider Time,
    ILogger Log)
{
    /// <summary>Told of every message from outside once it is judged, whatever became of it.</summary>
    internal Action<Envelope, Judgement>? Judged { get; set; }

    /// <summary>Who is asked to come back; null asks nobody.</summary>
    internal Greylist? Greylist { get; set; }

    /// <summary>Told of each recipient that a user names, whatever is answered.</summary>
    internal Func<Account, EmailAddress, IPAddress, CancellationToken, ValueTask>? RecipientAsked { get; set; }

    /// <summary>Where refusals are written down; null writes none.</summary>
    internal TraceBook? Book { get; set; }

    /// <summary>Counts what web sites send; null where there are none.</summary>
    internal SiteSending? Sites { get; set; }

    /// <summary>Why an address elsewhere is not written to now; null knows none.</summary>
    internal Func<EmailAddress, CancellationToken, ValueTask<string?>>? Suppressed { get; set; }

    /// <summary>Whether a bounce to an address here is of mail that never left here; null takes all.</summary>
    internal Func<EmailAddress, CancellationToken, ValueTask<bool>>? ForeignBounce { get; set; }

    /// <summary>What becomes of mail at the content filter's door; null where there is none.</summary>
    internal ContentFilterOptions? ContentFilter { get; set; }

    /// <summary>The servers this one stands in front of; null for none.</summary>
    internal IGateway? Gateway { get; set; }

    internal Reply Greeting { get; } = Replies.Greeting(Options.HostName);

    internal KnownClients Known { get; } = new(Time);

    internal Offenders Offenders { get; } = new(Options.EndedSessionsPerHour, Time);

    internal MemoryBudget Arriving { get; } = new(Options.ArrivingMessages);
}
