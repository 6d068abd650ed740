using Sternpost.Dns;

namespace Sternpost.Filter.Judges.Authentication;

/// <summary>True where this server receives mail for the domain. Asked once a message, so it should answer from memory.</summary>
public delegate ValueTask<bool> IsLocalDomain(DomainName domain, CancellationToken cancellation);
