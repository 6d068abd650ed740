using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Abuse.Trust;

/// <summary>What traits are of. The numbers are stored.</summary>
public enum TraitKind
{
    /// <summary>The network: an IPv4 /24, an IPv6 /48.</summary>
    Network = 1,
    /// <summary>The sending program, by its name without figures.</summary>
    Program = 2,
    /// <summary>A domain that links lead to.</summary>
    LinkDomain = 3,
    /// <summary>The script most of the text is written in.</summary>
    Script = 4,
    /// <summary>The hour of the day, UTC.</summary>
    Hour = 5,
}

/// <summary>What one message is like, read before the transaction that accepts it.</summary>
public sealed record MessageTraits
{
    /// <summary>The client's address.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>User-Agent or X-Mailer; empty where there is none.</summary>
    public string Program { get; init; } = "";

    /// <summary>Registered domains its links lead to.</summary>
    public IReadOnlyList<string> LinkDomains { get; init; } = [];

    /// <summary>The script most of its letters belong to; empty where unknown.</summary>
    public string Script { get; init; } = "";

    /// <summary>The outgoing filter's log-odds of spam.</summary>
    public double ContentScore { get; init; }

    /// <summary>The Message-ID, or empty.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>What the Received line calls the session.</summary>
    public string Session { get; init; } = "";

    /// <summary>The app password it was sent with; null for the account's own.</summary>
    public long? Credential { get; init; }

    /// <summary>The network of an address, as people know it: their provider gives them another address of it tomorrow.</summary>
    public static string NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var octets = address.GetAddressBytes();
        var kept = address.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 3;
        octets.AsSpan(kept).Clear();
        return $"{new IPAddress(octets)}/{kept * 8}";
    }

    /// <summary>The hash under which a trait, a Message-ID or a session is kept; 0 for nothing.</summary>
    public static long KeyOf(string text)
    {
        if (text.Length == 0) return 0;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    internal string ProgramFamily => new([.. Program.TakeWhile(c => c is not ('/' or '(' or ';') && !char.IsDigit(c)).Take(40)]);
}
