using System.Net;
using Sternpost.Messages.Addresses;

namespace Sternpost.Smtp.Policy.Mx;

/// <summary>What a gateway says of a recipient.</summary>
public enum GatewayAnswer
{
    /// <summary>Its domain is none that mail is passed on for.</summary>
    NotOurs,
    /// <summary>Mail to it is passed on.</summary>
    Taken,
    /// <summary>Nobody behind the gateway has this address.</summary>
    Unknown,
    /// <summary>It cannot be known at the moment, and a wrong guess would make a bounce to somebody innocent.</summary>
    Later,
}

/// <summary>The domains that other servers hold and that this one stands in front of; declared here and implemented by Queue.</summary>
public interface IGateway
{
    /// <summary>Whether mail to a recipient is passed on.</summary>
    ValueTask<GatewayAnswer> AskAsync(EmailAddress recipient, CancellationToken cancellation);

    /// <summary>Whether a client is one of the servers behind the gateway, whose outgoing mail it passes on.</summary>
    bool IsBehind(IPAddress client);

    /// <summary>Null where a server behind may send to one more recipient outside now; else why not.</summary>
    string? Count(IPAddress client);
}
