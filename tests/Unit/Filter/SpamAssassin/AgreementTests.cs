using System.Globalization;
using Sternpost.Filter.SpamAssassin;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Filter.SpamAssassin;

/// <summary>
/// SpamAssassin 4.0.1 itself, with the rules of Debian's package, has said which rules hit each message of the suite; ours must say the
/// same. Both lists must be there, or the test is skipped naming what is not.
/// </summary>
public sealed class AgreementTests(ITestOutputHelper output)
{
    private const string Rules = "/usr/share/spamassassin";
    private const string Settings = "/etc/spamassassin";
    private const double LeastAgreement = 0.98;

    // Differences that are understood. SpamAssassin's own program, which has a line separator, agrees with us where the first reason stands. Any other makes the test fail, however few they are.
    private static readonly (string Prefix, string File, string Reason)[] Known =
    [
        ("__MIME_QP", "", LineSeparator),
        ("__PDS_QP_", "", LineSeparator),
        ("__T_PDS_MSG_512", "", LineSeparator),
        ("MIME_QP_LONG_LINE", "", LineSeparator),
        ("TO_NO_BRKTS_HTML_ONLY", "t/data/spam/009", LineSeparator),
        ("__GB_CUSTOM_HTM_URI", "", "Perl makes a pattern with a captured value once, so the list has the first message's value in all that follow."),
        ("GB_CUSTOM_HTM_URI", "", "Likewise."),
        ("", "t/data/nice/cjk/iso-2022-jp.2", "Perl's decoder for ISO-2022-JP ends the text at an escape that is malformed; ours goes on."),
    ];

    private const string LineSeparator =
        "The list comes of a program with Perl's line separator undefined: a line end stayed behind 'quoted-printable', and no such part was measured.";

    [Fact]
    public void Rule_hits_are_those_of_SpamAssassin()
    {
        var suite = Suites.Require("spamassassin");
        if (!Directory.Exists(Rules) || !Directory.Exists(Settings)) Assert.Skip("SpamAssassin's rule files are not installed; ./test installs them where it may.");
        var set = RuleSet.Load([Rules, Settings]);
        output.WriteLine(set.ToString());
        int agreed = 0, pairs = 0, messages = 0;
        var unexplained = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(suite, "hits.tsv")))
        {
            var columns = line.Split('\t');
            var expected = Names(columns[2]).Concat(Names(columns[3])).ToHashSet(StringComparer.Ordinal);
            var raw = File.ReadAllBytes(Path.Combine(suite, columns[0]));
            var hits = RuleRunner.Run(set, raw, RuleText.Patient());
            // A machine that does not run this thread for a tenth of a second ends a match as a slow pattern would; only a slow pattern does so again.
            for (var again = 0; hits.Budget.TimedOut > 0 && again < 5; again++) hits = RuleRunner.Run(set, raw, RuleText.Patient());
            var ours = hits.Hit.Select(hit => set.Names[hit]).ToHashSet(StringComparer.Ordinal);
            messages++;
            agreed += expected.Count(ours.Contains);
            pairs += expected.Union(ours).Count();
            foreach (var name in expected.Except(ours)) Explain(columns[0], name, "is missing", unexplained);
            foreach (var name in ours.Except(expected)) Explain(columns[0], name, "hits in addition", unexplained);
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{agreed} of {pairs} (message, rule) pairs agree on {messages} messages: {100.0 * agreed / pairs:0.00} %"));
        Assert.True(agreed >= LeastAgreement * pairs, "Fewer pairs agree than must.");
        Assert.Empty(unexplained);
    }

    [Fact]
    public void All_of_Debians_rule_files_load_and_every_pattern_is_one_for_NET()
    {
        if (!Directory.Exists(Rules)) Assert.Skip("SpamAssassin's rule files are not installed; ./test installs them where it may.");
        var set = RuleSet.Load([Rules, Settings]);
        foreach (var unsupported in set.Unsupported) output.WriteLine($"{unsupported.Name} ({unsupported.Place}): {unsupported.Reason}");
        Assert.All(set.Groups.SelectMany(group => group.All), rule => rule.Regex.IsMatch("a text of no meaning", RuleText.Patient()));
        // What remains are rules that ask the network and settings that are not about rules.
        Assert.DoesNotContain(set.Unsupported, unsupported => unsupported.Reason.Contains("not supported", StringComparison.Ordinal) || unsupported.Reason.Contains("malformed", StringComparison.Ordinal));
        Assert.True(set.Count > 2500, $"{set.Count} rules are too few.");
    }

    private void Explain(string file, string name, string how, List<string> unexplained)
    {
        var reason = Known.FirstOrDefault(known => name.StartsWith(known.Prefix, StringComparison.Ordinal) && (known.File.Length == 0 || known.File == file)).Reason;
        output.WriteLine($"{file}: {name} {how}. {reason}");
        if (reason is null) unexplained.Add($"{file}: {name} {how}");
    }

    private static string[] Names(string column) => column.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
