using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Connection;

/// <summary>What the client's address says about itself in DNS; the connection stage has asked already.</summary>
internal sealed class ReverseDnsJudge : LocalJudge
{
    private static readonly Symbol Missing = new("RDNS_NONE", 0.6, "The sending server's address has no reverse DNS name that leads back to it.");
    private static readonly Symbol Generic = new("RDNS_GENERIC", 0.4, "The sending server's name is one that access providers give to home connections.");

    private static readonly string[] GenericWords = ["dynamic", "dhcp", "pool", "dialup", "adsl", "broadband", "cable", "ppp", "dyn", "customer"];

    public override string Name => "reverse-dns";

    public override IReadOnlyList<Symbol> Symbols => [Missing, Generic];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (!message.ClientKnown || message.Session.Account is not null) return [];
        // A server that is down says nothing about its owner: only definite answers count.
        if (message.Session.ReverseName is not { } name)
        {
            return message.Session.ReverseResult is "fail" or "permerror" ? [Missing.Found()] : [];
        }
        return IsGeneric(name.Ascii) ? [Generic.Found()] : [];
    }

    // A provider's word or three groups of digits, as in 203-0-113-7.pool.example.net.
    internal static bool IsGeneric(string name)
    {
        var groups = 0;
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiDigit(name[i]) && (i == 0 || !char.IsAsciiDigit(name[i - 1]))) groups++;
        }
        if (groups >= 4) return true;
        foreach (var label in name.Split('.', '-'))
        {
            if (groups > 0 && GenericWords.Contains(label.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))) return true;
        }
        return false;
    }
}
