using System.Buffers;
using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Wire;

namespace Sternpost.Fronts.Milter;

/// <summary>What a milter session has learned of its client and its present message.</summary>
internal sealed class MilterMail
{
    private const int MaxRecipients = 10_000;

    private readonly ArrayBufferWriter<byte> header = new(4096);
    private readonly ArrayBufferWriter<byte> body = new(16 * 1024);
    private readonly List<EnvelopeRecipient> recipients = [];
    private readonly Dictionary<string, int> seen = new(StringComparer.OrdinalIgnoreCase);
    private IPAddress client = IPAddress.Any;
    private DomainName? reverseName;
    private string helo = "";
    private EmailAddress? reversePath;

    /// <summary>Values of macros by name, of the connection and of the message.</summary>
    internal Dictionary<string, string> Macros { get; } = new(StringComparer.Ordinal);

    /// <summary>The server lets us have a message held.</summary>
    internal bool MayQuarantine { get; set; }

    /// <summary>Values of fields come and go with the space after the colon.</summary>
    internal bool KeepsLeadingSpace { get; set; }

    /// <summary>Octets so far.</summary>
    internal long Size => header.WrittenCount + body.WrittenCount;

    /// <summary>The user who signed in at the server that asks, where it says so.</summary>
    internal string? User => Macros.GetValueOrDefault("{auth_authen}");

    /// <summary>Fields of our names that came with the message, with their place among fields of that name, in order.</summary>
    internal List<(string Name, int Index, string Value)> Suspects { get; } = [];

    /// <summary>Connection: name, family, port, address.</summary>
    internal void Connected(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf((byte)0);
        if (end < 0 || data.Length < end + 2) return;
        var name = Encoding.ASCII.GetString(data[..end]);
        var family = (char)data[end + 1];
        if (family is not ('4' or '6') || data.Length < end + 4) return;
        var text = Encoding.ASCII.GetString(data[(end + 4)..]).TrimEnd('\0');
        if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) text = text[5..];
        if (!IPAddress.TryParse(text, out var address)) return;
        client = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        // Postfix and Sendmail give the name only where it is confirmed; otherwise "unknown" or the address in brackets.
        reverseName = name.Contains('.', StringComparison.Ordinal) && !name.StartsWith('[') && DomainName.TryParse(name, out var confirmed) ? confirmed : null;
    }

    internal void Greeted(ReadOnlySpan<byte> data) => helo = Encoding.ASCII.GetString(data).TrimEnd('\0');

    internal void From(ReadOnlySpan<byte> data)
    {
        Reset();
        reversePath = Address(data);
    }

    internal void To(ReadOnlySpan<byte> data)
    {
        if (recipients.Count < MaxRecipients && Address(data) is { } address) recipients.Add(new EnvelopeRecipient(address));
    }

    /// <summary>A header field: name, NUL, value as it stood after the colon, folds as LF.</summary>
    internal void Field(ReadOnlySpan<byte> data, string hostName)
    {
        var end = data.IndexOf((byte)0);
        if (end < 0) return;
        var name = data[..end];
        var value = data[(end + 1)..];
        if (value is [.., 0]) value = value[..^1];
        header.Write(name);
        header.Write(":"u8);
        if (!KeepsLeadingSpace) header.Write(" "u8);
        header.Write(CrlfText.Of(value.ToArray()).Span);
        header.Write("\r\n"u8);
        Suspect(Encoding.ASCII.GetString(name), value, hostName);
    }

    internal void Body(ReadOnlySpan<byte> data) => body.Write(data);

    /// <summary>The message as the judges get it.</summary>
    internal MessageUnderJudgement Message(string reference, DateTimeOffset now)
    {
        var raw = new byte[header.WrittenCount + 2 + body.WrittenCount];
        header.WrittenSpan.CopyTo(raw);
        "\r\n"u8.CopyTo(raw.AsSpan(header.WrittenCount));
        body.WrittenSpan.CopyTo(raw.AsSpan(header.WrittenCount + 2));
        var session = new SessionFacts(client, helo, Macros.ContainsKey("{tls_version}") ? "ESMTPS" : "ESMTP", Macros.GetValueOrDefault("{tls_version}"), Macros.GetValueOrDefault("{cipher}"), null, now, reference)
        {
            ReverseName = reverseName,
            ReverseResult = client.Equals(IPAddress.Any) ? "none" : reverseName is null ? "fail" : "pass",
        };
        IReadOnlyList<EnvelopeRecipient> to = recipients.Count > 0 ? [.. recipients] : [new EnvelopeRecipient(EmailAddress.Parse("recipient@localhost.invalid"))];
        return new MessageUnderJudgement(session, new Envelope(reversePath, to), raw);
    }

    /// <summary>Forgets the message; the connection's facts stay.</summary>
    internal void Reset()
    {
        header.ResetWrittenCount();
        body.ResetWrittenCount();
        recipients.Clear();
        seen.Clear();
        Suspects.Clear();
        reversePath = null;
    }

    // RFC 8601 §5: an Authentication-Results field that bears our name and is not ours must go.
    private void Suspect(string name, ReadOnlySpan<byte> value, string hostName)
    {
        var index = seen[name] = seen.GetValueOrDefault(name) + 1;
        var isOurs = SpamFields.Ours.Contains(name, StringComparer.OrdinalIgnoreCase)
            || (name.Equals("Authentication-Results", StringComparison.OrdinalIgnoreCase) && Authority(value).Equals(hostName, StringComparison.OrdinalIgnoreCase));
        if (isOurs) Suspects.Add((name, index, ""));
    }

    private static string Authority(ReadOnlySpan<byte> value)
    {
        var text = Encoding.ASCII.GetString(value).Trim();
        var end = text.AsSpan().IndexOfAny(';', ' ', '\n');
        return end < 0 ? text : text[..end];
    }

    private static EmailAddress? Address(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? data : data[..end]).Trim().TrimStart('<').TrimEnd('>');
        return EmailAddress.TryParse(text, out var address) ? address : null;
    }
}
