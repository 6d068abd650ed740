using System.Net;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Connection;

/// <summary>How the client introduced itself (RFC 5321 §4.1.1.1).</summary>
internal sealed class HeloJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol OwnName = new("HELO_OWN_NAME", 5.0, "The sending server introduced itself with this server's own name.");
    private static readonly Symbol BareAddress = new("HELO_BARE_IP", 1.2, "The sending server introduced itself with a bare address, which no mail server does.");
    private static readonly Symbol WrongLiteral = new("HELO_WRONG_LITERAL", 2.0, "The sending server introduced itself with an address that is not its own.");
    private static readonly Symbol Literal = new("HELO_LITERAL", 0.3, "The sending server introduced itself with an address instead of a name.");
    private static readonly Symbol NotQualified = new("HELO_NOT_FQDN", 0.4, "The sending server introduced itself with a name that cannot exist on the Internet.");

    public override string Name => "helo";

    public override IReadOnlyList<Symbol> Symbols => [OwnName, BareAddress, WrongLiteral, Literal, NotQualified];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var helo = message.Session.Helo.TrimEnd('.');
        if (!message.ClientKnown || helo.Length == 0 || message.Session.Account is not null) return [];
        if (!IPAddress.IsLoopback(message.Session.ClientAddress) && options.OwnNames.Contains(helo, StringComparer.OrdinalIgnoreCase)) return [OwnName.Found()];
        if (helo.StartsWith('[')) return [IsOwnLiteral(helo, message.Session.ClientAddress) ? Literal.Found() : WrongLiteral.Found()];
        if (IPAddress.TryParse(helo, out _)) return [BareAddress.Found()];
        return helo.Contains('.', StringComparison.Ordinal) && !helo.EndsWith(".local", StringComparison.OrdinalIgnoreCase) && !helo.EndsWith(".lan", StringComparison.OrdinalIgnoreCase)
            ? []
            : [NotQualified.Found()];
    }

    // RFC 5321 §4.1.3: [192.0.2.1] or [IPv6:2001:db8::1].
    private static bool IsOwnLiteral(string helo, IPAddress client)
    {
        var text = helo.Trim('[', ']');
        if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) text = text[5..];
        return IPAddress.TryParse(text, out var address) && address.Equals(client);
    }
}
