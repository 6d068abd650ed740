using System.Diagnostics.CodeAnalysis;

namespace Sternpost.Queue;

/// <summary>The id of a message as people meet it in replies, logs and commands: base32 without the letters that look like digits.</summary>
public static class QueueId
{
    // Crockford's alphabet: no i, l, o, u, so an id read over the telephone comes through.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int MaxLength = 13;

    /// <summary>The id as text, at most thirteen characters.</summary>
    public static string Format(long id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        Span<char> text = stackalloc char[MaxLength];
        var at = MaxLength;
        do
        {
            text[--at] = Alphabet[(int)(id & 31)];
            id >>= 5;
        }
        while (id > 0);
        return text[at..].ToString();
    }

    /// <summary>Reads an id in either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out long id)
    {
        id = 0;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return false;
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (value < 0 || id > long.MaxValue >> 5) return false;
            id = (id << 5) | (uint)value;
        }
        return true;
    }
}
