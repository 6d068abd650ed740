using System.Buffers;

namespace Sternpost.MailAuth.Canonical;

/// <summary>The two canonical forms of a header field (RFC 6376 §3.4.1, §3.4.2).</summary>
internal static class HeaderCanonicalization
{
    /// <summary>Appends a field with its CRLF.</summary>
    public static void Append(IBufferWriter<byte> target, RawHeader header, in RawField field, bool relaxed)
    {
        if (relaxed)
        {
            AppendRelaxedName(target, header.Name(field));
            AppendRelaxedValue(target, header.Value(field));
        }
        else AppendSimple(target, header.Whole(field));
        target.Write("\r\n"u8);
    }

    /// <summary>
    /// Appends a signature field without the value of its b= tag and without its CRLF (RFC 6376 §3.7): the last thing hashed.
    /// </summary>
    public static void AppendWithoutSignature(IBufferWriter<byte> target, RawHeader header, in RawField field, bool relaxed)
    {
        var (start, end) = SignatureValue(header.Value(field));
        var value = header.Value(field);
        // The b= value is cut out before canonicalization: relaxed white space around the cut would differ otherwise.
        var length = value.Length - (end - start);
        var cut = ArrayPool<byte>.Shared.Rent(length + 1);
        try
        {
            value[..start].CopyTo(cut);
            value[end..].CopyTo(cut.AsSpan(start));
            if (relaxed)
            {
                AppendRelaxedName(target, header.Name(field));
                AppendRelaxedValue(target, cut.AsSpan(0, length));
            }
            else
            {
                target.Write(header.Message[field.Start..field.ValueStart]);
                AppendSimple(target, cut.AsSpan(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cut);
        }
    }

    /// <summary>Where the value of the tag b stands in a tag-list, white space included; empty at the end where there is none.</summary>
    internal static (int Start, int End) SignatureValue(ReadOnlySpan<byte> list)
    {
        var position = 0;
        while (position < list.Length)
        {
            var semicolon = list[position..].IndexOf((byte)';');
            var end = semicolon < 0 ? list.Length : position + semicolon;
            var tag = list[position..end];
            var equals = tag.IndexOf((byte)'=');
            if (equals > 0 && tag[..equals].Trim(" \t\r\n"u8) is [(byte)'b'])
            {
                // The line end that closes the field is not part of the value's white space: it is cut off with it all the same.
                return (position + equals + 1, end);
            }
            position = end + 1;
        }
        return (list.Length, list.Length);
    }

    private static void AppendRelaxedName(IBufferWriter<byte> target, ReadOnlySpan<byte> name)
    {
        var span = target.GetSpan(name.Length + 1);
        for (var i = 0; i < name.Length; i++)
        {
            var octet = name[i];
            span[i] = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        }
        span[name.Length] = (byte)':';
        target.Advance(name.Length + 1);
    }

    // Unfolds, makes each run of white space one space, and trims both ends.
    private static void AppendRelaxedValue(IBufferWriter<byte> target, ReadOnlySpan<byte> value)
    {
        var span = target.GetSpan(value.Length + 1);
        var length = 0;
        var space = false;
        for (var i = 0; i < value.Length; i++)
        {
            var octet = value[i];
            switch (octet)
            {
                case (byte)' ' or (byte)'\t':
                    space = true;
                    continue;
                case (byte)'\n':
                case (byte)'\r' when i + 1 < value.Length && value[i + 1] == '\n':
                    continue;
            }
            if (space && length > 0) span[length++] = (byte)' ';
            space = false;
            span[length++] = octet;
        }
        target.Advance(length);
    }

    // As it stands, except that a bare LF is the CRLF it was sent as and that the final line end is the caller's.
    private static void AppendSimple(IBufferWriter<byte> target, ReadOnlySpan<byte> field)
    {
        field = WithoutLineEnd(field);
        while (field.IndexOf((byte)'\n') is var feed and >= 0)
        {
            target.Write(WithoutLineEnd(field[..(feed + 1)]));
            target.Write("\r\n"u8);
            field = field[(feed + 1)..];
        }
        target.Write(field);
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> line)
    {
        if (line is [.., (byte)'\n']) line = line[..^1];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
