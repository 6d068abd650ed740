using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sternpost.Accounts.Sasl;

/// <summary>The gs2-cbind-flag (RFC 5802 §7).</summary>
internal enum ScramBinding
{
    /// <summary><c>n</c>: the client cannot bind.</summary>
    Unsupported,
    /// <summary><c>y</c>: the client can, and thinks the server cannot.</summary>
    SupportedButNotOffered,
    /// <summary><c>p=</c>: bound.</summary>
    Used,
}

/// <summary>client-first-message (RFC 5802 §7).</summary>
/// <param name="Header">gs2-header as sent, its last comma included.</param>
/// <param name="Binding">The flag.</param>
/// <param name="BindingType">The cb-name after <c>p=</c>, or null.</param>
/// <param name="AuthorizationName">The authzid, or null.</param>
/// <param name="Bare">client-first-message-bare as sent.</param>
/// <param name="Name">The user's name, unescaped.</param>
/// <param name="Nonce">The client's nonce.</param>
internal sealed record ScramClientFirst(string Header, ScramBinding Binding, string? BindingType, string? AuthorizationName, string Bare, string Name, string Nonce)
{
    private const int MaxNonce = 256;

    internal static bool TryParse(string message, [NotNullWhen(true)] out ScramClientFirst? first, out string fault)
    {
        first = null;
        // gs2-header = gs2-cbind-flag "," [ authzid ] ","
        var flagEnd = message.IndexOf(',', StringComparison.Ordinal);
        var headerEnd = flagEnd < 0 ? -1 : message.IndexOf(',', flagEnd + 1);
        fault = "the gs2-header is not one";
        if (headerEnd < 0) return false;
        var flag = message[..flagEnd];
        var type = flag.StartsWith("p=", StringComparison.Ordinal) && flag.Length > 2 ? flag[2..] : null;
        if (type is null && flag is not ("n" or "y")) return false;
        var binding = type is not null ? ScramBinding.Used : flag == "y" ? ScramBinding.SupportedButNotOffered : ScramBinding.Unsupported;
        string? authorize = null;
        if (headerEnd > flagEnd + 1)
        {
            var attribute = message[(flagEnd + 1)..headerEnd];
            if (!attribute.StartsWith("a=", StringComparison.Ordinal) || !TryReadName(attribute.AsSpan(2), out authorize)) return false;
        }
        var bare = message[(headerEnd + 1)..];
        var attributes = bare.Split(',');
        // RFC 5802 §5.1: an "m=" we do not know, and so cannot obey, ends the exchange.
        if (attributes[0].StartsWith("m=", StringComparison.Ordinal))
        {
            fault = "a mandatory extension";
            return false;
        }
        fault = "a name or nonce is missing";
        if (attributes.Length < 2 || !attributes[0].StartsWith("n=", StringComparison.Ordinal) || !attributes[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        fault = "the name or nonce holds what it may not";
        if (!TryReadName(attributes[0].AsSpan(2), out var name) || attributes[1][2..] is var nonce && !IsNonce(nonce)) return false;
        first = new ScramClientFirst(message[..(headerEnd + 1)], binding, type, authorize, bare, name, nonce);
        return true;
    }

    // RFC 5802 §7: saslname = 1*(value-safe-char / "=2C" / "=3D")
    private static bool TryReadName(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name)
    {
        name = null;
        var read = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (text[i] != '=')
            {
                read.Append(text[i]);
                continue;
            }
            if (text[i..].StartsWith("=2C", StringComparison.Ordinal)) read.Append(',');
            else if (text[i..].StartsWith("=3D", StringComparison.Ordinal)) read.Append('=');
            else return false;
            i += 2;
        }
        if (read.Length == 0) return false;
        name = read.ToString();
        return true;
    }

    // RFC 5802 §7: printable = %x21-2B / %x2D-7E
    private static bool IsNonce(string text) => text.Length is > 0 and <= MaxNonce && text.All(c => c is >= '!' and <= '~' and not ',');
}

/// <summary>client-final-message (RFC 5802 §7).</summary>
/// <param name="ChannelBinding">The octets of <c>c=</c>.</param>
/// <param name="Nonce">Both parts of the nonce.</param>
/// <param name="Proof">The octets of <c>p=</c>.</param>
/// <param name="WithoutProof">client-final-message-without-proof as sent.</param>
internal sealed record ScramClientFinal(byte[] ChannelBinding, string Nonce, byte[] Proof, string WithoutProof)
{
    internal static bool TryParse(string message, [NotNullWhen(true)] out ScramClientFinal? final, out string fault)
    {
        final = null;
        fault = "not c=, r= and, last, p=";
        var proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) return false;
        var withoutProof = message[..proofAt];
        var attributes = withoutProof.Split(',');
        if (attributes.Length < 2 || !attributes[0].StartsWith("c=", StringComparison.Ordinal) || !attributes[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        fault = "what should be base64 is not";
        if (!TryReadBase64(attributes[0][2..], out var binding) || !TryReadBase64(message[(proofAt + 3)..], out var proof)) return false;
        final = new ScramClientFinal(binding, attributes[1][2..], proof, withoutProof);
        return true;
    }

    private static bool TryReadBase64(string text, out byte[] octets)
    {
        octets = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, octets, out var written)) return false;
        octets = octets[..written];
        return true;
    }
}
