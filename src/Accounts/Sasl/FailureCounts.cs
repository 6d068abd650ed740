using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Accounts.Sasl;

/// <summary>How many failures are too many. Each count fades by half in its half-life.</summary>
internal sealed record FailureLimits
{
    /// <summary>The half-life of the quick counts.</summary>
    internal TimeSpan QuickHalfLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The half-life of the slow counts, which catch a guess every few minutes all day.</summary>
    internal TimeSpan SlowHalfLife { get; init; } = TimeSpan.FromDays(1);

    /// <summary>From one address, quick. An office behind one address needs room for its people's slips.</summary>
    internal double AddressQuick { get; init; } = 20;

    /// <summary>From one address, slow.</summary>
    internal double AddressSlow { get; init; } = 100;

    /// <summary>For one name from addresses it was never signed in from, quick.</summary>
    internal double NameQuick { get; init; } = 10;

    /// <summary>For one name from addresses it was never signed in from, slow.</summary>
    internal double NameSlow { get; init; } = 50;
}

/// <summary>
/// Failed sign-ins, counted per address (an IPv6 /64 is one) and per name, whether or not anyone has the name. No address is exempt.
/// Moments are timestamps of the monotonic clock: setting the clock back must not raise what has faded.
/// </summary>
/// <remarks>
/// A success forgives nothing: an attacker with one account of his own would wash himself clean by it. Instead an address a name was
/// signed in from in the last month is not bound by that name's count, so that strangers' guesses do not lock the owner out at home.
/// The same wrong password again (a phone that was not told of the new one) guesses nothing: it counts a tenth in the quick count,
/// for the work it makes, and not at all in the slow one.
/// </remarks>
internal sealed class FailureCounts(TimeProvider time, FailureLimits? limits = null)
{
    private const double QuickWhenRepeated = 0.1;
    private const int RememberedPasswords = 4;
    internal const int MaxEntries = 50_000;
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    private readonly FailureLimits limits = limits ?? new FailureLimits();
    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, Count> addresses = [];
    private readonly Dictionary<UInt128, Count> names = [];
    private readonly Dictionary<UInt128, long> known = [];

    /// <summary>The most that is kept of addresses, of names, or of pairs of both, whichever is most: at most <see cref="MaxEntries"/>.</summary>
    internal int Kept
    {
        get
        {
            lock (gate) return Math.Max(addresses.Count, Math.Max(names.Count, known.Count));
        }
    }

    /// <summary>True where this address, or this name from this address, must come back later.</summary>
    internal bool IsOver(IPAddress client, string name)
    {
        var (host, who) = (Host(client), Name(name));
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (addresses.TryGetValue(host, out var address) && Fade(address, now) is var ofHost && (ofHost.Quick >= limits.AddressQuick || ofHost.Slow >= limits.AddressSlow)) return true;
            if (IsKnown(host, who, now)) return false;
            return names.TryGetValue(who, out var count) && Fade(count, now) is var ofName && (ofName.Quick >= limits.NameQuick || ofName.Slow >= limits.NameSlow);
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <param name="client">Where it came from.</param>
    /// <param name="name">Who was named.</param>
    /// <param name="proof">A keyed digest of the password, by which a repetition is known; null where there is none.</param>
    internal void Failed(IPAddress client, string name, byte[]? proof)
    {
        var (host, who) = (Host(client), Name(name));
        lock (gate)
        {
            var now = time.GetTimestamp();
            var isKnown = IsKnown(host, who, now);
            var tried = names.TryGetValue(who, out var count) ? count.Tried : [];
            var repeated = proof is not null && tried.Any(before => before.AsSpan().SequenceEqual(proof));
            var (quick, slow) = repeated ? (QuickWhenRepeated, 0.0) : (1.0, 1.0);
            Add(addresses, host, quick, slow, now, []);
            if (isKnown) (quick, slow) = (0, 0);
            Add(names, who, quick, slow, now, repeated || proof is null ? tried : [proof, .. tried.Take(RememberedPasswords - 1)]);
        }
    }

    /// <summary>Remembers that the name was signed in from here.</summary>
    internal void Succeeded(IPAddress client, string name)
    {
        lock (gate)
        {
            if (known.Count >= MaxEntries)
            {
                var now = time.GetTimestamp();
                foreach (var (pair, last) in known) if (time.GetElapsedTime(last, now) > KnownFor) known.Remove(pair);
                if (known.Count >= MaxEntries) known.Clear();
            }
            known[Pair(Host(client), Name(name))] = time.GetTimestamp();
        }
    }

    private void Add(Dictionary<UInt128, Count> counts, UInt128 key, double quickly, double slowly, long now, byte[][] tried)
    {
        if (counts.Count >= MaxEntries) MakeRoom(counts, now);
        var (quick, slow) = counts.TryGetValue(key, out var count) ? Fade(count, now) : (0, 0);
        counts[key] = new Count(quick + quickly, slow + slowly, now, tried);
    }

    // The faintest go first: whoever floods the table with one failure each does not push out an old offender.
    private void MakeRoom(Dictionary<UInt128, Count> counts, long now)
    {
        for (var faint = 0.5; counts.Count > MaxEntries * 9 / 10; faint *= 2)
        {
            foreach (var (key, count) in counts) if (Fade(count, now).Slow < faint) counts.Remove(key);
        }
    }

    private (double Quick, double Slow) Fade(in Count count, long now)
    {
        var age = time.GetElapsedTime(count.At, now);
        return (count.Quick * Math.Pow(0.5, age / limits.QuickHalfLife), count.Slow * Math.Pow(0.5, age / limits.SlowHalfLife));
    }

    private bool IsKnown(UInt128 host, UInt128 who, long now) => known.TryGetValue(Pair(host, who), out var last) && time.GetElapsedTime(last, now) <= KnownFor;

    // A household or a server has a whole IPv6 /64, so that is what one IPv4 address compares with.
    private static UInt128 Host(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        Span<byte> octets = stackalloc byte[16];
        client.TryWriteBytes(octets, out var length);
        return Digest(octets[..(client.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : length)]);
    }

    private static UInt128 Name(string name) => Digest(Encoding.UTF8.GetBytes(Credentials.CanonicalName(name)));

    private static UInt128 Pair(UInt128 host, UInt128 who)
    {
        Span<byte> both = stackalloc byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(both, host);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(both[16..], who);
        return Digest(both);
    }

    // Strangers choose the names: a digest bounds what a key takes and cannot be made to collide.
    private static UInt128 Digest(ReadOnlySpan<byte> octets)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(octets, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private readonly record struct Count(double Quick, double Slow, long At, byte[][] Tried);
}
