using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>All DKIM2 fields of a message, complete and in order (draft §11.2).</summary>
internal sealed class Dkim2Fields
{
    /// <summary>Fields of either kind that are looked at; mail through twenty forwarders has gone astray.</summary>
    internal const int Most = 20;

    private Dkim2Fields(IReadOnlyList<MessageInstance> instances, IReadOnlyList<Dkim2Signature> signatures) => (Instances, Signatures) = (instances, signatures);

    /// <summary>Numbered from 1 without gaps.</summary>
    internal IReadOnlyList<MessageInstance> Instances { get; }

    /// <summary>Likewise.</summary>
    internal IReadOnlyList<Dkim2Signature> Signatures { get; }

    /// <summary>Null where the message has none.</summary>
    /// <exception cref="Dkim2Exception">They are malformed or incomplete.</exception>
    internal static Dkim2Fields? Read(RawHeader header, bool barePaths)
    {
        var instances = new List<MessageInstance>();
        var signatures = new List<Dkim2Signature>();
        foreach (var field in header.Fields)
        {
            if (header.Is(field, "Message-Instance"u8)) instances.Add(MessageInstance.Read(header.Value(field)));
            else if (header.Is(field, "DKIM2-Signature"u8)) signatures.Add(Dkim2Signature.Read(header.Value(field), barePaths));
            if (instances.Count > Most || signatures.Count > Most) throw new Dkim2Exception(Dkim2Kind.PermError, $"more than {Most} DKIM2 fields of one kind");
        }
        if (instances.Count == 0 && signatures.Count == 0) return null;
        instances.Sort((a, b) => a.Number.CompareTo(b.Number));
        signatures.Sort((a, b) => a.Number.CompareTo(b.Number));
        // §7.1, §8.1: gaps make it impossible to verify; so does a number given twice.
        for (var i = 0; i < Math.Max(1, instances.Count); i++)
        {
            if (i >= instances.Count || instances[i].Number != i + 1) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={i + 1} missing");
        }
        for (var i = 0; i < Math.Max(1, signatures.Count); i++)
        {
            if (i >= signatures.Count || signatures[i].Number != i + 1) throw new Dkim2Exception(Dkim2Kind.PermError, $"DKIM2-Signature i={i + 1} missing");
        }
        for (var i = 0; i < signatures.Count; i++)
        {
            if (signatures[i].Instance > instances.Count) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={signatures[i].Instance} missing");
            if (i > 0 && signatures[i].Instance < signatures[i - 1].Instance) throw new Dkim2Exception(Dkim2Kind.PermError, $"DKIM2-Signature i={i + 1} syntax error");
        }
        if (signatures[^1].Instance < instances.Count) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={instances.Count} is not signed");
        return new Dkim2Fields(instances, signatures);
    }

    /// <summary>A stranger's number in our words.</summary>
    internal static string Shown(string? text) => text is { Length: > 0 and <= 15 } && text.All(char.IsAsciiDigit) ? text : "?";
}
