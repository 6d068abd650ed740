using System.Text;

namespace Sternpost.Smtp.Policy;

/// <summary>
/// Walks the fields of a message's header section (RFC 5322 §2.2) without copying. Lines end with CRLF; the server has made sure.
/// A line that is no field does not end the section: programs differ there, and a forger would choose the one that is fooled.
/// </summary>
internal ref struct HeaderFields(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> message = message;

    /// <summary>Where the field begins.</summary>
    internal int Start { get; private set; }

    /// <summary>Where the next one, or the empty line, begins.</summary>
    internal int End { get; private set; }

    /// <summary>The name without the white space that obsolete syntax allows before the colon (RFC 5322 §4.5.8); empty where the line is no field.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>What follows the colon, folds and the last CRLF included.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    internal readonly bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);

    internal bool Next()
    {
        Start = End;
        var rest = message[Start..];
        if (rest.IsEmpty || rest.StartsWith("\r\n"u8)) return false;
        var length = 0;
        do
        {
            var lineFeed = rest[length..].IndexOf((byte)'\n');
            length = lineFeed < 0 ? rest.Length : length + lineFeed + 1;
        }
        while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');
        End = Start + length;
        var field = rest[..length];
        var colon = field.IndexOf((byte)':');
        Name = colon < 0 ? [] : field[..colon].TrimEnd(" \t"u8);
        // ftext = %d33-57 / %d59-126
        if (Name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0) Name = [];
        Value = Name.IsEmpty ? [] : field[(colon + 1)..];
        return true;
    }
}
