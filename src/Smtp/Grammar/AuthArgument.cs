using System.Text;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>What AUTH said.</summary>
/// <param name="Mechanism">Upper case.</param>
/// <param name="InitialResponse">Decoded; null where none came along.</param>
internal readonly record struct AuthArgument(string Mechanism, byte[]? InitialResponse)
{
    // RFC 4422 §3.1: sasl-mech = 1*20mech-char.
    private const int MaxMechanism = 20;

    /// <summary>auth-command = "AUTH" SP sasl-mech [SP initial-response] (RFC 4954 §8).</summary>
    internal static Parsed<AuthArgument> Parse(ReadOnlySpan<byte> argument)
    {
        var space = argument.IndexOf((byte)' ');
        var name = space < 0 ? argument : argument[..space];
        if (name.Length is 0 or > MaxMechanism) return Replies.AuthSyntax;
        foreach (var octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'-' or (byte)'_')) return Replies.AuthSyntax;
        }
        var mechanism = Encoding.ASCII.GetString(name).ToUpperInvariant();
        if (space < 0) return new AuthArgument(mechanism, null);
        var response = argument[space..].TrimStart((byte)' ');
        // RFC 4954 §4: "=" is an initial response of no octets, which differs from none.
        if (response.SequenceEqual("="u8)) return new AuthArgument(mechanism, []);
        return SaslText.TryDecode(response, out var decoded) ? new AuthArgument(mechanism, decoded) : Replies.AuthEncoding;
    }
}
