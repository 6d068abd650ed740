using System.Collections.Immutable;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Grammar;

/// <summary>Flags a client named: system flags as bits, keywords as text.</summary>
internal readonly record struct FlagSet(MessageFlags System, ImmutableArray<string> Keywords);

/// <summary>flag, flag-list and the flags of STORE (RFC 9051 §9).</summary>
internal static class FlagGrammar
{
    private const int MostKeywords = 64;
    private const int LongestKeyword = 128;

    /// <summary>The system flags with their names on the wire, in the order they are written.</summary>
    internal static ImmutableArray<(MessageFlags Flag, string Name)> SystemFlags { get; } =
    [
        (MessageFlags.Answered, "\\Answered"), (MessageFlags.Flagged, "\\Flagged"), (MessageFlags.Deleted, "\\Deleted"),
        (MessageFlags.Seen, "\\Seen"), (MessageFlags.Draft, "\\Draft"),
    ];

    /// <summary>flag-list = "(" [flag *(SP flag)] ")" (§9).</summary>
    internal static bool TryList(ref ImapScanner scanner, out FlagSet flags)
    {
        flags = default;
        if (!scanner.Expect('(')) return false;
        var taken = new Taken();
        if (!scanner.Take(')'))
        {
            do
            {
                if (!TryFlag(ref scanner, ref taken)) return false;
            }
            while (scanner.Take(' '));
            if (!scanner.Expect(')')) return false;
        }
        flags = taken.Set;
        return true;
    }

    /// <summary>store-att-flags' argument: flag-list / (flag *(SP flag)) (§9).</summary>
    internal static bool TryListOrBare(ref ImapScanner scanner, out FlagSet flags)
    {
        if (scanner.Sees('(')) return TryList(ref scanner, out flags);
        flags = default;
        var taken = new Taken();
        do
        {
            if (!TryFlag(ref scanner, ref taken)) return false;
        }
        while (scanner.Take(' ') && !scanner.AtEnd);
        flags = taken.Set;
        return true;
    }

    // flag = "\Answered" / … / flag-keyword / flag-extension (§9).
    private static bool TryFlag(ref ImapScanner scanner, ref Taken taken)
    {
        if (!scanner.Take('\\'))
        {
            if (!scanner.Atom(out var keyword)) return false;
            if (keyword.Length > LongestKeyword || taken.Keywords.Count == MostKeywords) return scanner.Fail("Too many or too long keywords");
            if (!taken.Keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase)) taken.Keywords.Add(keyword);
            return true;
        }
        if (!scanner.Atom(out var name)) return false;
        foreach (var (flag, known) in SystemFlags)
        {
            if (!known.AsSpan(1).Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            taken.System |= flag;
            return true;
        }
        // RFC 3501 §2.3.2: a client cannot alter \Recent; older ones send it back with the rest.
        return name.Equals("Recent", StringComparison.OrdinalIgnoreCase) || scanner.Fail($"There is no system flag \\{name}");
    }

    private struct Taken()
    {
        internal MessageFlags System;
        internal readonly List<string> Keywords = [];

        internal readonly FlagSet Set => new(System, [.. Keywords]);
    }
}
