namespace Sternpost.Messages.Structure;

/// <summary>
/// An address as ENVELOPE shows it (RFC 9051 §7.5.2): encoded words not decoded, quoting removed. Group start: the group's name
/// as mailbox, host null; group end: both null. An address without a domain has the empty host.
/// </summary>
public sealed record EnvelopeAddress(string? Name, string? Mailbox, string? Host);
