using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sternpost.Messages.Text;

namespace Sternpost.Accounts.Scripts;

/// <summary>The name of a Sieve script (RFC 5804 §1.6): Net-Unicode (RFC 5198 §2), so in normal form C, without controls and separators of lines.</summary>
public sealed record ScriptName
{
    /// <summary>Most octets of a name in UTF-8, all the 128 characters that RFC 5804 §1.6 asks for.</summary>
    public const int MaxOctets = 512;

    private ScriptName(string value) => Value = value;

    /// <summary>The name, compared octet by octet.</summary>
    public string Value { get; }

    /// <summary>Reads a name; where it is none, <paramref name="problem"/> says why, in a sentence without a full stop.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ScriptName? name, out string problem)
    {
        name = null;
        problem = "";
        // Measured before it is normalised, so that nobody makes work by what is refused anyhow.
        if (text.Length == 0) problem = "A script needs a name";
        else if (Encoding.UTF8.GetByteCount(text) > MaxOctets) problem = $"The name of a script has at most {MaxOctets} octets";
        else if (text.Any(IsForbidden)) problem = "The name of a script holds no control characters and no line separators";
        if (problem.Length > 0) return false;
        var normal = NormalFormC.Of(text);
        // Composed text can be longer in UTF-8 than it was.
        if (Encoding.UTF8.GetByteCount(normal) > MaxOctets)
        {
            problem = $"The name of a script has at most {MaxOctets} octets";
            return false;
        }
        name = new ScriptName(normal);
        return true;
    }

    /// <summary>A name that is known to be good, as stored.</summary>
    internal static ScriptName Stored(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsForbidden(char character) => character is < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029';
}
