using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns.Updates;

/// <summary>A record as it stands in a zone: name, type, and its data on the wire with every name in it written out in lower case, so that equal records have equal octets.</summary>
/// <param name="Name">The owner.</param>
/// <param name="Type">The type's number.</param>
/// <param name="Ttl">Seconds; no part of what makes two records equal (RFC 2181 §5).</param>
/// <param name="Data">RDATA.</param>
public sealed record ZoneRecord(DomainName Name, int Type, uint Ttl, ReadOnlyMemory<byte> Data)
{
    // RFC 1035 §3.3.14: a character-string holds at most 255 octets.
    private const int MaxString = 255;

    private static readonly (string Name, int Type)[] Types =
        [("A", 1), ("NS", 2), ("CNAME", 5), ("SOA", 6), ("PTR", 12), ("MX", 15), ("TXT", 16), ("AAAA", 28), ("SRV", 33), ("TLSA", 52), ("CAA", 257)];

    /// <summary>The number of a type by its name; 0 where it is none that is known here.</summary>
    public static int TypeOf(string name) => Array.Find(Types, type => type.Name == name).Type;

    /// <summary>The type's name.</summary>
    public string TypeName => Array.Find(Types, type => type.Type == Type).Name ?? string.Create(CultureInfo.InvariantCulture, $"TYPE{Type}");

    /// <summary>A TXT record; longer texts become several character-strings, which readers join.</summary>
    public static ZoneRecord Txt(DomainName name, uint ttl, string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var data = new ArrayBufferWriter<byte>(octets.Length + 8);
        for (var at = 0; at == 0 || at < octets.Length; at += MaxString)
        {
            var part = octets.AsSpan(at, Math.Min(MaxString, octets.Length - at));
            data.Write([(byte)part.Length]);
            data.Write(part);
        }
        return new ZoneRecord(name, 16, ttl, data.WrittenMemory);
    }

    /// <summary>Reads the text that <c>dns show</c> prints for a record; false where it is no record of the type.</summary>
    public static bool TryParse(DomainName name, string type, uint ttl, string value, [NotNullWhen(true)] out ZoneRecord? record)
    {
        record = null;
        if (type == "TXT")
        {
            record = Txt(name, ttl, value);
            return true;
        }
        var data = new ArrayBufferWriter<byte>(64);
        var fields = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isSound = (type, fields) switch
        {
            ("A", [var text]) => Address(data, text, AddressFamily.InterNetwork),
            ("AAAA", [var text]) => Address(data, text, AddressFamily.InterNetworkV6),
            ("CNAME" or "PTR", [var host]) => Host(data, host),
            ("MX", [var preference, var host]) => Number(data, preference) && Host(data, host),
            ("SRV", [var priority, var weight, var port, var host]) => Number(data, priority) && Number(data, weight) && Number(data, port) && Host(data, host),
            ("TLSA", [var usage, var selector, var matching, var hex]) => Octet(data, usage) && Octet(data, selector) && Octet(data, matching) && Hex(data, hex),
            ("CAA", [var flags, var tag, var quoted]) => Octet(data, flags) && Issuer(data, tag, quoted.Trim('"')),
            _ => false,
        };
        if (isSound) record = new ZoneRecord(name, TypeOf(type), ttl, data.WrittenMemory);
        return isSound;
    }

    /// <summary>The record's text as zone files have it, for people; data of unknown types in hexadecimal (RFC 3597 §5).</summary>
    public string Text => RecordText.Of(this);

    /// <summary>True for the same data of the same type at the same name.</summary>
    public bool Equals(ZoneRecord? other) => other is not null && Type == other.Type && Name == other.Name && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Data.Length);

    private static bool Address(ArrayBufferWriter<byte> data, string text, AddressFamily family)
    {
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != family) return false;
        data.Write(address.GetAddressBytes());
        return true;
    }

    private static bool Host(ArrayBufferWriter<byte> data, string text)
    {
        if (!DomainName.TryParse(text, out var host)) return false;
        DnsWriter.Name(data, host);
        return true;
    }

    private static bool Number(ArrayBufferWriter<byte> data, string text)
    {
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        DnsWriter.Number(data, number);
        return true;
    }

    private static bool Octet(ArrayBufferWriter<byte> data, string text)
    {
        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var octet)) return false;
        data.Write([octet]);
        return true;
    }

    private static bool Hex(ArrayBufferWriter<byte> data, string text)
    {
        var octets = new byte[text.Length / 2];
        if (text.Length % 2 != 0 || Convert.FromHexString(text, octets, out _, out _) != OperationStatus.Done) return false;
        data.Write(octets);
        return true;
    }

    // RFC 8659 §4.1.
    private static bool Issuer(ArrayBufferWriter<byte> data, string tag, string value)
    {
        if (tag.Length is 0 or > 15 || !Ascii.IsValid(tag) || !Ascii.IsValid(value)) return false;
        data.Write([(byte)tag.Length]);
        data.Write(Encoding.ASCII.GetBytes(tag + value));
        return true;
    }
}

/// <summary>The data of records as text.</summary>
internal static class RecordText
{
    internal static string Of(ZoneRecord record)
    {
        var data = record.Data.Span;
        try
        {
            return record.TypeName switch
            {
                "A" or "AAAA" => new IPAddress(data).ToString(),
                "TXT" => Joined(data),
                "CNAME" or "PTR" or "NS" => Name(data),
                "MX" => string.Create(CultureInfo.InvariantCulture, $"{Number(data)} {Name(data[2..])}"),
                "SRV" => string.Create(CultureInfo.InvariantCulture, $"{Number(data)} {Number(data[2..])} {Number(data[4..])} {Name(data[6..])}"),
                "TLSA" => string.Create(CultureInfo.InvariantCulture, $"{data[0]} {data[1]} {data[2]} {Convert.ToHexStringLower(data[3..])}"),
                "CAA" => string.Create(CultureInfo.InvariantCulture, $"{data[0]} {Encoding.ASCII.GetString(data.Slice(2, data[1]))} \"{Encoding.ASCII.GetString(data[(2 + data[1])..])}\""),
                _ => Convert.ToHexStringLower(data),
            };
        }
        catch (Exception malformed) when (malformed is ArgumentException or IndexOutOfRangeException)
        {
            return Convert.ToHexStringLower(data);
        }
    }

    private static int Number(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt16BigEndian(data);

    private static string Joined(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder(data.Length);
        for (var at = 0; at < data.Length; at += data[at] + 1) text.Append(Encoding.Latin1.GetString(data.Slice(at + 1, data[at])));
        return text.ToString();
    }

    private static string Name(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        for (var at = 0; data[at] != 0; at += data[at] + 1) text.Append(text.Length > 0 ? "." : "").Append(Encoding.Latin1.GetString(data.Slice(at + 1, data[at])));
        return text.Length == 0 ? "." : text.ToString();
    }
}
