using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Sendmail;

/// <summary>A message with its envelope on the way from a program to the server; also the form in which it waits in a file.</summary>
/// <param name="Key">Unique for ever: the server takes a message with a key it has seen for the same one.</param>
/// <param name="Sender">The reverse-path; empty for the null one.</param>
/// <param name="Recipients">At least one.</param>
/// <param name="Content">CRLF lines.</param>
public sealed record HandedMessage(string Key, string Sender, IReadOnlyList<string> Recipients, ReadOnlyMemory<byte> Content)
{
    private const string Magic = "STERNPOST-DROP 1";
    private const int MaxHead = 2 * 1024 * 1024;
    private const int MaxRecipients = 10_000;
    private const int MaxClaims = 32;

    /// <summary>NOTIFY of each recipient (RFC 3461 §4.1), or null.</summary>
    public string? Notify { get; init; }

    /// <summary>RET (RFC 3461 §4.3), or null.</summary>
    public string? Return { get; init; }

    /// <summary>ENVID (RFC 3461 §4.4), or null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>What the caller's side says of itself; see <see cref="CallerHints"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Claims { get; init; } = [];

    /// <summary>A key for a new message.</summary>
    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>True where an address can stand in an envelope as it is: visible characters, nothing that would end the path.</summary>
    public static bool IsPath(string address) =>
        address.Length is > 0 and <= 512 && !address.Any(c => char.IsControl(c) || c is '<' or '>') && (!address.Contains(' ', StringComparison.Ordinal) || address.StartsWith('"'));

    /// <summary>As octets of a file.</summary>
    public byte[] ToFile()
    {
        var head = new StringBuilder();
        head.Append(Magic).Append('\n');
        Line(head, "key", Key);
        Line(head, "sender", Sender);
        foreach (var recipient in Recipients) Line(head, "to", recipient);
        if (Notify is not null) Line(head, "notify", Notify);
        if (Return is not null) Line(head, "ret", Return);
        if (EnvelopeId is not null) Line(head, "envid", EnvelopeId);
        foreach (var (name, value) in Claims) Line(head, "claim", name + "=" + value);
        Line(head, "size", Content.Length.ToString(CultureInfo.InvariantCulture));
        head.Append('\n');
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Content.Span];
    }

    /// <summary>Reads a file that anybody may have written; null where it is not whole and right.</summary>
    public static HandedMessage? FromFile(ReadOnlyMemory<byte> file)
    {
        var head = file.Span[..Math.Min(file.Length, MaxHead)];
        var end = head.IndexOf("\n\n"u8);
        if (end < 0) return null;
        var lines = Encoding.UTF8.GetString(head[..end]).Split('\n');
        if (lines[0] != Magic) return null;
        string? key = null, sender = null, notify = null, ret = null, envelopeId = null;
        long size = -1;
        var recipients = new List<string>();
        var claims = new List<KeyValuePair<string, string>>();
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || line.Any(char.IsControl)) return null;
            var value = line[(colon + 2)..];
            switch (line[..colon])
            {
                case "key": key = value; break;
                case "sender": sender = value; break;
                case "to" when recipients.Count < MaxRecipients: recipients.Add(value); break;
                case "notify": notify = value; break;
                case "ret": ret = value; break;
                case "envid": envelopeId = value; break;
                case "claim" when claims.Count < MaxClaims && value.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals:
                    claims.Add(new(value[..equals], value[(equals + 1)..]));
                    break;
                case "size" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out size): break;
                default: return null;
            }
        }
        var content = file[(end + 2)..];
        if (key is not { Length: 32 } || !key.All(char.IsAsciiHexDigitLower) || sender is null || (sender.Length > 0 && !IsPath(sender))) return null;
        if (recipients.Count == 0 || !recipients.TrueForAll(IsPath) || content.Length != size) return null;
        return new HandedMessage(key, sender, recipients, content) { Notify = notify, Return = ret, EnvelopeId = envelopeId, Claims = claims };
    }

    private static void Line(StringBuilder head, string name, string value)
    {
        head.Append(name).Append(": ");
        foreach (var c in value) head.Append(char.IsControl(c) ? ' ' : c);
        head.Append('\n');
    }
}
