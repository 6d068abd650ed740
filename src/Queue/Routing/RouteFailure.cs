using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Routing;

/// <summary>Why there is no server for a next hop.</summary>
/// <param name="Status">RFC 3463.</param>
/// <param name="Reason">A clause that goes on after the name of the next hop.</param>
/// <param name="IsPermanent">Asking again later would answer the same.</param>
internal sealed record RouteFailure(string Status, string Reason, bool IsPermanent)
{
    /// <summary>The rule that turned servers down; null where there were none to turn down.</summary>
    public TransportRule? Rule { get; init; }
}
