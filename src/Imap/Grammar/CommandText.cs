namespace Sternpost.Imap.Grammar;

/// <summary>
/// One command as it came: its lines, and the octets of its literals apart. In <paramref name="Text"/> each literal is its
/// header and CRLF only (<c>{5}␍␊</c>); the scanner takes the octets from <paramref name="Literals"/> in order. So the text
/// stays small however large the messages of an APPEND are, and a message is never copied to be parsed.
/// </summary>
internal sealed record CommandText(ReadOnlyMemory<byte> Text, IReadOnlyList<ReadOnlyMemory<byte>> Literals);
