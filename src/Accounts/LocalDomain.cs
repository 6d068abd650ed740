using Sternpost.Dns;

namespace Sternpost.Accounts;

/// <summary>A domain this server receives mail for.</summary>
public sealed record LocalDomain(long Id, DomainName Name, DateTimeOffset Created);
