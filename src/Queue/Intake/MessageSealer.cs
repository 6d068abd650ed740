using Sternpost.Dns;

namespace Sternpost.Queue.Intake;

/// <summary>Seals a message that an alias passes on (RFC 8617): answers header lines to prepend, CRLF-ended, or nothing.</summary>
/// <param name="domain">The alias's domain, whose key seals.</param>
/// <param name="received">The message as it came.</param>
/// <param name="trace">The header lines put before it here.</param>
/// <param name="results">What authentication came to here, as in Authentication-Results after the authserv-id.</param>
/// <param name="cancellation">Ends the wait.</param>
public delegate ValueTask<ReadOnlyMemory<byte>> MessageSealer(DomainName domain, ReadOnlyMemory<byte> received, ReadOnlyMemory<byte> trace, string results, CancellationToken cancellation);
