using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Mail;

/// <summary>Keywords (RFC 8621 §4.1.1) and the IMAP flags behind four of them.</summary>
internal static class Keywords
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("(){]%*\"\\");

    private static readonly (string Keyword, MessageFlags Flag)[] System =
        [("$seen", MessageFlags.Seen), ("$answered", MessageFlags.Answered), ("$flagged", MessageFlags.Flagged), ("$draft", MessageFlags.Draft)];

    internal static JsonObject ToJson(MessageFlags flags, ImmutableArray<string> keywords)
    {
        var json = new JsonObject();
        foreach (var (keyword, flag) in System)
        {
            if (flags.HasFlag(flag)) json[keyword] = true;
        }
        foreach (var keyword in keywords) json[keyword.ToLowerInvariant()] = true;
        return json;
    }

    /// <summary>Whether an email has a keyword; any case.</summary>
    internal static bool Has(MessageFlags flags, ImmutableArray<string> keywords, string keyword)
    {
        foreach (var (name, flag) in System)
        {
            if (name.Equals(keyword, StringComparison.OrdinalIgnoreCase)) return flags.HasFlag(flag);
        }
        return keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads a whole set.</summary>
    /// <exception cref="SetError">It is none.</exception>
    internal static (MessageFlags Flags, ImmutableArray<string> Keywords) Read(JsonNode? node)
    {
        if (node is null) return (MessageFlags.None, []);
        if (node is not JsonObject set) throw Bad("Keywords are an object that maps each to true");
        var flags = MessageFlags.None;
        var keywords = ImmutableArray.CreateBuilder<string>();
        foreach (var (keyword, value) in set)
        {
            if (value is not JsonValue truth || truth.GetValueKind() != JsonValueKind.True) throw Bad("Keywords are an object that maps each to true");
            var (flag, name) = One(keyword);
            flags |= flag;
            if (name is not null) keywords.Add(name);
        }
        return (flags, keywords.ToImmutable());
    }

    /// <summary>One keyword as a flag, or as a keyword of the store in lower case.</summary>
    internal static (MessageFlags Flag, string? Keyword) One(string keyword)
    {
        // RFC 8621 §4.1.1: 1 to 255 of %x21-%x7e, but for what an IMAP atom cannot hold.
        if (keyword.Length is 0 or > 255 || keyword.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || keyword.AsSpan().IndexOfAny(Forbidden) >= 0) throw Bad("A keyword holds a character that none may, or is too long");
        foreach (var (name, flag) in System)
        {
            if (name.Equals(keyword, StringComparison.OrdinalIgnoreCase)) return (flag, null);
        }
        return (MessageFlags.None, keyword.ToLowerInvariant());
    }

    private static SetError Bad(string why) => SetError.InvalidProperties(why, "keywords");
}
