using System.Text;

namespace Sternpost.Fronts.Milter;

/// <summary>The NUL-ended strings that packets are made of.</summary>
internal static class MilterStrings
{
    private const int MaxStrings = 200;

    /// <summary>All strings of <paramref name="data"/>; a last one without NUL counts too.</summary>
    internal static List<string> All(ReadOnlySpan<byte> data)
    {
        var strings = new List<string>(4);
        while (!data.IsEmpty && strings.Count < MaxStrings)
        {
            var end = data.IndexOf((byte)0);
            strings.Add(Encoding.UTF8.GetString(end < 0 ? data : data[..end]));
            data = end < 0 ? [] : data[(end + 1)..];
        }
        return strings;
    }

    /// <summary>Strings each ended by NUL.</summary>
    internal static byte[] Join(params ReadOnlySpan<string> strings)
    {
        var data = new MemoryStream();
        foreach (var text in strings)
        {
            data.Write(Encoding.UTF8.GetBytes(text));
            data.WriteByte(0);
        }
        return data.ToArray();
    }
}
