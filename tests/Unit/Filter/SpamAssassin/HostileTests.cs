using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Bench;
using Sternpost.Filter;
using Sternpost.Filter.SpamAssassin;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Unit.Filter.SpamAssassin;

public sealed class HostileTests
{
    [Fact]
    public void A_pattern_that_never_ends_is_broken_off_and_the_others_still_run()
    {
        var set = RuleText.Set("body BOMB /(?:a|aa|aaa)+(?=\\d)/\nbody A /aaa!/\n");
        var hits = RuleRunner.Run(set, RuleText.Octets("Subject: x\n\n7 " + new string('a', 2000) + "!\n"), RuleText.Patient());
        Assert.True(hits.Budget.TimedOut > 0);
        Assert.Equal(["A"], hits.Hit.Select(hit => set.Names[hit]));
    }

    [Fact]
    public void A_pattern_that_would_never_end_in_Perl_costs_nothing_where_an_automaton_can_have_it()
    {
        var set = RuleText.Set("body BOMB /(?:a|aa|aaa)+\\d/\nbody A /(?:a|aa)+!/\n");
        var hits = RuleRunner.Run(set, RuleText.Octets("Subject: x\n\n7 " + new string('a', 20_000) + "!\n"), RuleText.Patient());
        Assert.Equal(0, hits.Budget.TimedOut);
        Assert.Equal(["A"], hits.Hit.Select(hit => set.Names[hit]));
    }

    [Fact]
    public void Many_such_patterns_together_have_one_budget()
    {
        var set = RuleText.Set(string.Concat(Enumerable.Range(0, 200).Select(i => $"body BOMB{i} /(?:a|a{{1,{i + 2}}}|aa)+(?=\\d)/\n")));
        var clock = Stopwatch.StartNew();
        var hits = RuleRunner.Run(set, RuleText.Octets("Subject: x\n\n7 " + new string('a', 2000) + "!\n"), new RunBudget(TimeSpan.FromMilliseconds(500)));
        Assert.True(hits.Budget.Exhausted);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed}.");
    }

    public static TheoryData<string> Messages => new(Hostile.Keys);

    private static readonly Dictionary<string, Func<string>> Hostile = new(StringComparer.Ordinal)
    {
        ["parts within parts"] = () => string.Concat(Enumerable.Range(0, 500).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n")) + "\nx",
        ["messages within messages"] = () => string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", 5000)) + "x",
        ["parts without number"] = () => "Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", 50_000)),
        ["a hundred thousand fields"] = () => string.Concat(Enumerable.Range(0, 100_000).Select(i => $"X-{i}: {i}\n")) + "\nx",
        ["received fields"] = () => string.Concat(Enumerable.Repeat("Received: from a (b [192.0.2.1]) by c (d) with e id f; Mon, 4 May 2026 10:00:00 +0000\n", 5000)) + "\nx",
        ["one field that is long"] = () => "Received: from " + new string('(', 500_000) + "\nSubject: x\n\nx",
        ["an address that is long"] = () => "From: " + string.Concat(Enumerable.Repeat("\"a\\", 100_000)) + "\nTo: " + string.Concat(Enumerable.Repeat("a@b,", 100_000)) + "\n\nx",
        ["a line of a megabyte"] = () => "Subject: x\n\n" + new string('a', 1_000_000),
        ["words of a megabyte"] = () => "Subject: x\n\n" + string.Concat(Enumerable.Repeat("a@", 500_000)),
        ["links without number"] = () => "Subject: x\n\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"http://h{i}.example/%2{i} ")),
        ["HTML nested without end"] = () => "Content-Type: text/html\n\n" + string.Concat(Enumerable.Repeat("<div style='color:red'><font size=+1><a href='x'>", 20_000)),
        ["HTML of open tags"] = () => "Content-Type: text/html\n\n" + string.Concat(Enumerable.Repeat("<a b='", 50_000)),
        ["HTML of open comments"] = () => "Content-Type: text/html\n\n" + string.Concat(Enumerable.Repeat("<!-- <!x ", 50_000)),
        ["HTML of entities"] = () => "Content-Type: text/html\n\n" + string.Concat(Enumerable.Repeat("&amp;&#x41;&nosuchentity", 30_000)),
        ["encoded words"] = () => "Subject: " + string.Concat(Enumerable.Repeat("=?utf-8?q?a?= =?x?b?a?=", 20_000)) + "\n\nx",
        ["an attachment of base64"] = () => "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + string.Concat(Enumerable.Repeat("QUJDREVG=QUJD\n", 100_000)),
        ["octets of zero"] = () => new string('\0', 500_000),
        ["nothing"] = () => "",
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_hostile_message_is_looked_at_within_bounds(string name)
    {
        var set = RuleText.Set(RuleText.Domains + string.Concat(RulesOfEachKind));
        var message = RuleText.Octets(Hostile[name]());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        RuleRunner.Run(set, message);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // Generous, for machines that are busy; a square of the size would take hours.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{name} took {clock.Elapsed}.");
        Assert.True(allocated < 600L * 1024 * 1024, $"{name} took {allocated / 1024 / 1024} MB.");
    }

    // With all rules of Debian's package; usual messages take a thousandth of it. Processor time of this thread, so that a busy machine is not blamed on us.
    private const double MostMilliseconds = 1500;
    private const long MostAllocated = 200L << 20;

    [Theory]
    [MemberData(nameof(Messages))]
    public void With_all_rules_a_hostile_message_stays_within_the_stated_budget(string name)
    {
        if (!Directory.Exists("/usr/share/spamassassin")) Assert.Skip("SpamAssassin's rule files are not installed; ./test installs them where it may.");
        var set = Debians.Value;
        var message = RuleText.Octets(Hostile[name]());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (processor, hits) = (ProcessorClock.ThreadMilliseconds(), RuleRunner.Run(set, message, complete: false));
        var used = ProcessorClock.ThreadMilliseconds() - processor;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {message.Length} octets, {used:0} ms, {allocated >> 20} MB, {hits.Hit.Count} rules{(hits.Budget.Exhausted ? ", broken off" : "")}");
        Assert.InRange(used, 0, MostMilliseconds);
        Assert.InRange(allocated, 0, MostAllocated);
    }

    private static readonly Lazy<RuleSet> Debians = new(() => RuleSet.Load(["/usr/share/spamassassin"]));

    private static readonly string[] RulesOfEachKind =
    [
        "body A /viagra/i\n", "body B /\\b(?:\\d[ -]?){13}\\b/\n", "rawbody C /<a href/i\n", "uri D /example/\n", "full E /^x/m\n", "header F From:addr =~ /x/\n",
        "header G ALL =~ /%[A-Z]/\n", "mimeheader H Content-Type =~ /text/\n", "body I eval:html_text_match('anchor', 'x')\n", "body J eval:check_for_uppercase('50', '75')\n",
        "header K eval:check_for_shifted_date('1', '2')\n", "header L eval:check_freemail_replyto('reply')\n", "body M eval:multipart_alternative_difference('99', '100')\n",
        "header N eval:check_unresolved_template()\n", "body O eval:check_https_http_mismatch('1', '10')\n", "header P eval:sorted_recipients()\n", "freemail_domains example.com\n",
    ];

    [Fact]
    public void Octets_of_any_kind_are_a_message()
    {
        var set = RuleText.Set(RuleText.Domains + string.Concat(RulesOfEachKind));
        Gen.OneOf(
            Gen.Byte.Array[0, 400],
            Gen.OneOf("From: ", "Received: from ", "Content-Type: text/html", "Content-Type: multipart/mixed; boundary=b", "--b", "\n", "\r\n", "<a href=x>", "<!--", "&#", "=?utf-8?q?", "?=", "a@b.com", "(", "[192.0.2.1]", " by x ", "\"", "\u00e9", "<style>", "Content-Transfer-Encoding: base64", "=3D").Array[0, 60].Select(words => RuleText.Octets(string.Concat(words))))
            .Sample(message => { RuleRunner.Run(set, message, RuleText.Patient()); }, iter: 3_000);
    }

    [Fact]
    public void Nothing_a_client_says_ends_the_field_that_is_written_for_it()
    {
        var message = Letter.Judged("From: a@b.example\n\nx\n", Letter.Session("192.0.2.7", "evil\r\nX-Injected: yes"));
        var text = Encoding.UTF8.GetString(ReceivedHere.Prepend(message));
        Assert.DoesNotContain("\nX-Injected", text, StringComparison.Ordinal);
        Assert.Contains("[192.0.2.7]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forged_pseudo_field_is_not_heard() =>
        Assert.Equal("", RuleText.Hits("header A X-Spam-Relays-Untrusted =~ /forged/\nheader B ALL =~ /forged/", "X-Spam-Relays-Untrusted: [ ip=192.0.2.1 rdns=forged ]\nFrom: a@b.example\n\nx\n"));
}
