using System.Globalization;
using System.Text;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Arc;

/// <summary>One ARC set: the three fields of an instance.</summary>
internal sealed class ArcSet
{
    public RawField? AuthenticationResults { get; set; }
    public RawField? MessageSignature { get; set; }
    public RawField? Seal { get; set; }
}

/// <summary>The ARC sets of a message, gathered and counted (RFC 8617 §5.2 steps 1 and 3); no signature is looked at.</summary>
internal sealed class ArcSets
{
    /// <summary>RFC 8617 §4.2.1.</summary>
    public const int MaxInstance = 50;

    private readonly SortedDictionary<int, ArcSet> sets = [];

    private ArcSets()
    {
    }

    /// <summary>What is wrong with the structure, or null.</summary>
    public string? Problem { get; private set; }

    public bool IsEmpty => sets.Count == 0 && Problem is null;

    public int Highest { get; private set; }

    public ArcSet this[int instance] => sets[instance];

    public static ArcSets Gather(RawHeader header)
    {
        var gathered = new ArcSets();
        foreach (var field in header.Fields)
        {
            if (header.Is(field, "ARC-Authentication-Results"u8)) gathered.Add(InstanceOfResults(header.Value(field)), "ARC-Authentication-Results", set => set.AuthenticationResults is null, set => set.AuthenticationResults = field);
            else if (header.Is(field, "ARC-Message-Signature"u8)) gathered.Add(InstanceOfSignature(header.Value(field)), "ARC-Message-Signature", set => set.MessageSignature is null, set => set.MessageSignature = field);
            else if (header.Is(field, "ARC-Seal"u8)) gathered.Add(InstanceOfSignature(header.Value(field)), "ARC-Seal", set => set.Seal is null, set => set.Seal = field);
        }
        if (header.Truncated) gathered.Problem ??= "the header is too large";
        gathered.CheckWhole();
        return gathered;
    }

    /// <summary>The value of ARC-Authentication-Results after "i=N;" (RFC 8617 §4.1.1), unfolded.</summary>
    public static string ResultsOf(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value[(value.IndexOf((byte)';') + 1)..]);
        return text.Replace("\r\n", "", StringComparison.Ordinal).Replace('\n', ' ').Replace('\t', ' ').Trim();
    }

    private void Add(int? instance, string name, Func<ArcSet, bool> isFree, Action<ArcSet> put)
    {
        if (instance is not { } number)
        {
            Problem ??= $"{name} has no valid instance";
            return;
        }
        Highest = Math.Max(Highest, number);
        if (!sets.TryGetValue(number, out var set)) sets.Add(number, set = new ArcSet());
        if (!isFree(set)) Problem ??= $"{name} is there twice for instance {number}";
        else put(set);
    }

    private void CheckWhole()
    {
        if (Problem is not null) return;
        for (var instance = 1; instance <= Highest; instance++)
        {
            if (!sets.TryGetValue(instance, out var set)) Problem ??= $"instance {instance} is missing";
            else if (set.AuthenticationResults is null || set.MessageSignature is null || set.Seal is null) Problem ??= $"instance {instance} is not whole";
        }
    }

    private static int? InstanceOfSignature(ReadOnlySpan<byte> value) =>
        value.Length <= AuthenticationBudget.SignatureOctets && TagList.TryParse(Encoding.UTF8.GetString(value), out var tags) ? Instance(tags["i"]) : null;

    private static int? InstanceOfResults(ReadOnlySpan<byte> value)
    {
        if (value.IndexOf((byte)';') is not (> 0 and < 64 and var end)) return null;
        var first = Encoding.ASCII.GetString(value[..end]);
        var equals = first.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && first.AsSpan(0, equals).Trim(" \t\r\n") is "i" ? Instance(first[(equals + 1)..].Trim()) : null;
    }

    private static int? Instance(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) && instance is >= 1 and <= MaxInstance ? instance : null;
}
