using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>How a client names itself.</summary>
/// <param name="Text">As sent: printable ASCII, at most 255 octets.</param>
/// <param name="Domain">The name, where it is one.</param>
/// <param name="Literal">The address, where it is an address literal.</param>
internal readonly record struct HelloArgument(string Text, DomainName? Domain, IPAddress? Literal)
{
    // RFC 5321 §4.5.3.1.2.
    private const int MaxLength = 255;

    /// <summary>False where it is neither; RFC 5321 §4.1.4 forbids to refuse mail for a name that is wrong, and many real machines have none.</summary>
    internal bool IsWellFormed => Domain is not null || Literal is not null;

    /// <summary>ehlo = "EHLO" SP ( Domain / address-literal ) (RFC 5321 §4.1.1.1). Only rubbish is refused.</summary>
    internal static Parsed<HelloArgument> Parse(ReadOnlySpan<byte> argument)
    {
        if (argument.IsEmpty) return Replies.HelloWithoutName;
        if (argument.Length > MaxLength || !Ascii.IsValid(argument)) return Replies.HelloRubbish;
        var text = Encoding.ASCII.GetString(argument);
        var rest = argument;
        if (argument[0] == '[') return new HelloArgument(text, null, AddressLiteral.TryRead(ref rest, out var address) && rest.IsEmpty ? address : null);
        // A bare address parses as a name; RFC 5321 §4.1.3 wants it in brackets.
        var isDomain = DomainName.TryParse(text, out var domain) && !IPAddress.TryParse(text, out _);
        return new HelloArgument(text, isDomain ? domain : null, null);
    }
}
