using System.Net;
using Sternpost.Dns;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.Routing;

namespace Sternpost.Queue.Gateway;

/// <summary>How it is found out whether somebody behind the gateway exists.</summary>
public enum RecipientVerification
{
    /// <summary>By asking the server behind (RFC 5321 §3.3: MAIL and RCPT, without a message), and keeping its answers for a while.</summary>
    Callout,
    /// <summary>By a file of addresses.</summary>
    List,
    /// <summary>By asking a directory (LDAP), and keeping its answers likewise.</summary>
    Ldap,
    /// <summary>Not at all: what the server behind refuses later is bounced.</summary>
    None,
}

/// <summary>The domains this server stands in front of.</summary>
public sealed record GatewayOptions
{
    /// <summary>Where each domain's mail goes.</summary>
    public IReadOnlyDictionary<DomainName, StaticRoute> Domains { get; init; } = new Dictionary<DomainName, StaticRoute>();

    /// <summary>How recipients are verified.</summary>
    public RecipientVerification Verification { get; init; }

    /// <summary>With <see cref="RecipientVerification.List"/>: a file with an address a line, <c>@domain</c> for all of a domain. Read again when it changes.</summary>
    public string RecipientsFile { get; init; } = "";

    /// <summary>With <see cref="RecipientVerification.Ldap"/>: where to ask.</summary>
    public LdapOptions? Ldap { get; init; }

    /// <summary>Servers behind, whose mail goes out through here.</summary>
    public IReadOnlyList<IPNetwork> RelayFrom { get; init; } = [];

    /// <summary>Recipients outside that one such server may write to in an hour; zero for no limit.</summary>
    public int RelayPerHour { get; init; } = 1000;

    /// <summary>How long a recipient that exists is believed to. Default a day.</summary>
    public TimeSpan KeepKnown { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long one that does not is believed not to. Default 15 minutes: somebody may just be making the mailbox.</summary>
    public TimeSpan KeepUnknown { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>While the server behind does not answer, how long what it said last is still believed. Default 7 days.</summary>
    public TimeSpan KeepStale { get; init; } = TimeSpan.FromDays(7);
}
