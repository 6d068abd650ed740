using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Filter.Evidence;

/// <summary>What a key of stored evidence is about; part of what is hashed, so a change of a number forgets what was kept under it.</summary>
internal enum EvidenceKind : byte
{
    /// <summary>A client's IPv4 address or IPv6 /64.</summary>
    Address = 1,
    /// <summary>Its IPv4 /24 or IPv6 /48.</summary>
    Network = 2,
    /// <summary>A domain that proved to be the author's.</summary>
    Domain = 3,
    /// <summary>A domain that links lead to.</summary>
    Link = 4,
    /// <summary>An address an account wrote to.</summary>
    WrittenTo = 10,
    /// <summary>An address that wrote to an account and proved it.</summary>
    ProvedSender = 11,
    /// <summary>An address that wrote to an account without proof.</summary>
    ClaimedSender = 12,
    /// <summary>A registered domain that an account has to do with, in either direction.</summary>
    SenderDomain = 13,
    /// <summary>The Message-ID of a message an account sent.</summary>
    SentMessage = 14,
    /// <summary>A Message-ID that was received.</summary>
    ReceivedMessage = 15,
    /// <summary>A client network and the sender's domain.</summary>
    Greylist = 20,
    /// <summary>An account, to tell one teacher from another.</summary>
    Teacher = 21,
}

/// <summary>
/// Stored evidence is kept by 64 bits of SHA-256 over kind and name: of one length in every table, nobody's address in clear, and no
/// sender can make a name that shares another's.
/// </summary>
internal static class EvidenceKey
{
    private const int MaxOctets = 320;

    internal static long Of(EvidenceKind kind, ReadOnlySpan<char> name)
    {
        Span<byte> octets = stackalloc byte[MaxOctets + 4];
        octets[0] = (byte)kind;
        // What is longer than any address is hashed as far as it goes; a cut inside a character leaves it out.
        Encoding.UTF8.TryGetBytes(name[..Math.Min(name.Length, MaxOctets / 3)], octets[1..], out var length);
        return Of(octets[..(length + 1)]);
    }

    /// <summary>The key of a client's host part (IPv4 /32, IPv6 /64) or network (/24, /48).</summary>
    internal static long Of(EvidenceKind kind, IPAddress client)
    {
        Span<byte> octets = stackalloc byte[18];
        octets[0] = (byte)kind;
        client.TryWriteBytes(octets[2..], out _);
        var v4 = client.AddressFamily == AddressFamily.InterNetwork;
        octets[1] = v4 ? (byte)4 : (byte)6;
        var kept = (kind, v4) switch
        {
            (EvidenceKind.Address, true) => 4,
            (EvidenceKind.Address, false) => 8,
            (_, true) => 3,
            _ => 6,
        };
        return Of(octets[..(2 + kept)]);
    }

    internal static long Of(EvidenceKind kind, long number)
    {
        Span<byte> octets = stackalloc byte[9];
        octets[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(octets[1..], number);
        return Of(octets);
    }

    private static long Of(ReadOnlySpan<byte> octets)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(octets, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
