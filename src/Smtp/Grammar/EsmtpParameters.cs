using System.Text;

namespace Sternpost.Smtp.Grammar;

/// <summary>
/// Mail-parameters and Rcpt-parameters (RFC 5321 §4.1.2): esmtp-param *(SP esmtp-param). Use: <c>while (parameters.TryNext()) …</c>,
/// then ask whether it ended by <see cref="Malformed"/>.
/// </summary>
internal ref struct EsmtpParameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> rest = text;

    /// <summary>esmtp-keyword of the parameter just read, as written.</summary>
    internal ReadOnlySpan<byte> Keyword { get; private set; }

    /// <summary>esmtp-value; empty where the parameter has none.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True where what follows is no parameter; reading has stopped there.</summary>
    internal bool Malformed { get; private set; }

    /// <summary>Compares the keyword without case (RFC 5321 §2.4).</summary>
    internal readonly bool Is(ReadOnlySpan<byte> keyword) => Ascii.EqualsIgnoreCase(Keyword, keyword);

    internal bool TryNext()
    {
        if (rest.IsEmpty) return false;
        // Parameters are set apart by one space; more of them are seen and do no harm.
        var start = rest.IndexOfAnyExcept((byte)' ');
        if (start < 0) return false;
        if (start == 0) return Stop();
        rest = rest[start..];
        var end = rest.IndexOf((byte)' ');
        var parameter = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        var equals = parameter.IndexOf((byte)'=');
        Keyword = equals < 0 ? parameter : parameter[..equals];
        Value = equals < 0 ? [] : parameter[(equals + 1)..];
        // esmtp-value = 1*(%d33-60 / %d62-126); RFC 6531 §3.3 lets it hold UTF-8. The line holds no controls.
        return IsKeyword(Keyword) && (equals < 0 || (!Value.IsEmpty && !Value.Contains((byte)'='))) || Stop();
    }

    // esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
    private static bool IsKeyword(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty || word[0] == '-') return false;
        foreach (var octet in word)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != '-') return false;
        }
        return true;
    }

    private bool Stop()
    {
        Malformed = true;
        rest = [];
        return false;
    }
}
