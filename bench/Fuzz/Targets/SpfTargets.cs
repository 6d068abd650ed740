using Sternpost.Fuzz.Engine;
using Sternpost.MailAuth.Spf;

namespace Sternpost.Fuzz.Targets;

/// <summary>SPF: records, macros, and whole evaluations over zones full of them.</summary>
internal static class SpfTargets
{
    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("spf", "SPF: records, macros, explanations and whole evaluations of zones made of the input's lines", Evaluate)
        {
            Seeds =
            [
                "v=spf1 mx a:mail.example.org ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.example.net -all",
                "v=spf1 a/24//64 mx:example.com/28 ptr:example.net exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.example.com",
                "v=spf1 exp=explain.%{d} -all\nMail from %{i} (%{c}) at %{t} to %{r} as %{s} is not allowed, see https://example.org/?%{S}&%{l-}%%%_%-",
                "v=spf1 include:a.example include:b.example ?all\nv=spf1 redirect=c.example\nv=spf1 exists:%{l1r+-.}.%{o}.%{h}.%{p} ~all",
                "v=spf1 include:vvv.example.org a:v2.example.org mx:v3.example +all",
                "V=SPF1 IP4:1.2.3.4 -ALL",
                "v=spf1 unknown=%{d} moo.cow-far_out=man:dog/cat ip4:1.2.3.4 -all",
            ],
            Suites = ["spf"],
            Words = ["v=spf1 ", " include:", " redirect=", " exp=", " a", " a:", "/24", "//64", " mx", " ptr", " exists:", " ip4:", " ip6:", "%{", "}", "%{ir}", "%{d2}", "%{l1r-}", "%%", "%_", "%-", " -all", " ~all", " ?all", "v.example", "t.example", "example.org", "::1", "/0", "/33", "/129"],
            MaxLength = 64 * 1024,
        },
    ];

    private static void Evaluate(byte[] input)
    {
        var lines = Given.Latin(input).Split('\n', 64);
        foreach (var line in lines)
        {
            if (SpfRecord.TryParse(line, out _, out var problem)) continue;
            Given.Law(problem.Length > 0, "a record that is refused has a reason");
        }
        var zone = FuzzZone.Of(lines);
        // The last line is an identity as well: senders choose theirs.
        var sender = lines[^1].Length is > 0 and < 300 ? lines[^1].Trim() : "user@example.org";
        var result = Given.Done(SpfCheck.EvaluateAsync(Given.Client, "helo.example.org", sender.Contains('@', StringComparison.Ordinal) ? sender : "user@a.example.org", zone, Given.Time, CancellationToken.None));
        Given.Law(result.Kind != SpfKind.PermError || result.Problem is { Length: > 0 }, "a permanent error has a reason");
        Given.Law(result.Explanation is null || !result.Explanation.Any(char.IsControl), "an explanation holds no control character");
        Given.Done(SpfCheck.EvaluateAsync(System.Net.IPAddress.IPv6Loopback, sender, null, zone, Given.Time, CancellationToken.None));
    }
}
