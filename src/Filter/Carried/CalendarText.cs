using System.Text;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Carried;

/// <summary>What an invitation shows its reader (RFC 5545): summary, description, place, organiser, address.</summary>
internal static class CalendarText
{
    private const int MaxLines = 5_000;
    private const int MaxValue = 16_384;

    internal static void Read(ReadOnlySpan<char> calendar, StringBuilder text, List<Link> links)
    {
        var lines = 0;
        var value = new StringBuilder();
        while (!calendar.IsEmpty && lines++ < MaxLines)
        {
            var line = Line(ref calendar);
            value.Clear().Append(line);
            // RFC 5545 §3.1: a line that begins with white space goes on with the one before.
            while (!calendar.IsEmpty && calendar[0] is ' ' or '\t' && lines++ < MaxLines)
            {
                var more = Line(ref calendar)[1..];
                if (value.Length < MaxValue) value.Append(more);
            }
            Take(value.ToString(), text, links);
        }
    }

    private static void Take(string line, StringBuilder text, List<Link> links)
    {
        var name = line.AsSpan()[..Math.Max(0, line.AsSpan().IndexOfAny(';', ':'))];
        if (!IsShown(name)) return;
        var colon = Colon(line);
        if (colon < 0) return;
        var value = name.Equals("ORGANIZER", StringComparison.OrdinalIgnoreCase) ? CommonName(line.AsSpan(0, colon)).ToString() : Unescaped(line.AsSpan(colon + 1));
        if (value.Length == 0) return;
        text.Append(value).Append('\n');
        BareLinks.Collect(value, links);
    }

    private static bool IsShown(ReadOnlySpan<char> name) => name.Equals("SUMMARY", StringComparison.OrdinalIgnoreCase) || name.Equals("DESCRIPTION", StringComparison.OrdinalIgnoreCase)
        || name.Equals("LOCATION", StringComparison.OrdinalIgnoreCase) || name.Equals("COMMENT", StringComparison.OrdinalIgnoreCase) || name.Equals("URL", StringComparison.OrdinalIgnoreCase)
        || name.Equals("ORGANIZER", StringComparison.OrdinalIgnoreCase);

    // RFC 5545 §3.1: the value begins behind the first colon that stands in no quoted parameter.
    private static int Colon(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ':' && !quoted) return i;
        }
        return -1;
    }

    private static ReadOnlySpan<char> CommonName(ReadOnlySpan<char> parameters)
    {
        var at = parameters.IndexOf("CN=", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return default;
        var value = parameters[(at + 3)..];
        if (value.StartsWith("\""))
        {
            value = value[1..];
            var close = value.IndexOf('"');
            return close < 0 ? value : value[..close];
        }
        var end = value.IndexOf(';');
        return end < 0 ? value : value[..end];
    }

    // RFC 5545 §3.3.11.
    private static string Unescaped(ReadOnlySpan<char> value)
    {
        if (!value.Contains('\\')) return value.ToString();
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\' || i + 1 == value.Length) plain.Append(value[i]);
            else plain.Append(value[++i] is 'n' or 'N' ? '\n' : value[i]);
        }
        return plain.ToString();
    }

    private static ReadOnlySpan<char> Line(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line.TrimEnd('\r');
    }
}
