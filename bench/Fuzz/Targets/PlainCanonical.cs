namespace Sternpost.Fuzz.Targets;

/// <summary>The canonical forms of a body written down as RFC 6376 §3.4.3 and §3.4.4 say it, slowly.</summary>
internal static class PlainCanonical
{
    internal static byte[] Body(ReadOnlySpan<byte> body, bool relaxed)
    {
        var lines = new List<byte[]>();
        while (!body.IsEmpty)
        {
            var feed = body.IndexOf((byte)'\n');
            var line = feed < 0 ? body : body[..feed];
            // A bare LF is the CRLF it was sent as; the CR of the line's end is not part of the line.
            if (feed >= 0 && line is [.., (byte)'\r']) line = line[..^1];
            lines.Add(relaxed ? Relaxed(line) : line.ToArray());
            body = feed < 0 ? [] : body[(feed + 1)..];
        }
        while (lines is [.., { Length: 0 }]) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == 0) return relaxed ? [] : "\r\n"u8.ToArray();
        return [.. lines.SelectMany(line => (byte[])[.. line, 13, 10])];
    }

    private static byte[] Relaxed(ReadOnlySpan<byte> line)
    {
        var reduced = new List<byte>();
        foreach (var octet in line)
        {
            if (octet is not (32 or 9)) reduced.Add(octet);
            else if (reduced is not [.., 32]) reduced.Add(32);
        }
        while (reduced is [.., 32]) reduced.RemoveAt(reduced.Count - 1);
        return [.. reduced];
    }
}
