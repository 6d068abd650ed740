namespace Sternpost.Filter.Views;

/// <summary>A link: where it leads and what the reader sees of it.</summary>
/// <param name="Target">The address as written.</param>
/// <param name="Text">The visible text; equal to the target for a bare address in text.</param>
/// <param name="IsImage">True for an image fetched from elsewhere.</param>
internal readonly record struct Link(string Target, string Text, bool IsImage = false)
{
    /// <summary>The host of the target, lower case, without port and user; empty where there is none.</summary>
    internal ReadOnlySpan<char> Host => HostOf(Target);

    /// <summary>What follows the host.</summary>
    internal ReadOnlySpan<char> Path
    {
        get
        {
            var start = Target.IndexOf("//", StringComparison.Ordinal);
            if (start < 0) return default;
            var rest = Target.AsSpan(start + 2);
            var slash = rest.IndexOf('/');
            return slash < 0 ? default : rest[slash..];
        }
    }

    /// <summary>True where the authority holds a user part: <c>https://bank.example@evil.example/</c>.</summary>
    internal bool HasUserPart
    {
        get
        {
            var start = Target.IndexOf("//", StringComparison.Ordinal);
            return start >= 0 && Authority(Target.AsSpan(start + 2)).Contains('@');
        }
    }

    internal static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> url)
    {
        var start = url.IndexOf("//");
        if (start is < 0 or > 12) return default;
        var authority = Authority(url[(start + 2)..]);
        var at = authority.LastIndexOf('@');
        if (at >= 0) authority = authority[(at + 1)..];
        if (authority.StartsWith("[")) return authority;
        var colon = authority.IndexOf(':');
        return colon < 0 ? authority : authority[..colon];
    }

    private static ReadOnlySpan<char> Authority(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny("/?#\\");
        return end < 0 ? rest : rest[..end];
    }
}
