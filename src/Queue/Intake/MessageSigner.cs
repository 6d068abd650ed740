using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Intake;

/// <summary>Signs a message that leaves: answers header lines to prepend, CRLF-ended, or nothing where there is no key for the domain.</summary>
/// <param name="headerFrom">The address of the From field, whose domain DMARC wants the signature of; null where it has none.</param>
/// <param name="content">The message.</param>
/// <param name="cancellation">Ends the wait.</param>
public delegate ValueTask<ReadOnlyMemory<byte>> MessageSigner(EmailAddress? headerFrom, ReadOnlyMemory<byte> content, CancellationToken cancellation);
