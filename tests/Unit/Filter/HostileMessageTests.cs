using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter;

public class HostileMessageTests
{
    private static readonly FilterOptions Options = new();
    private static readonly JudgePanel Panel = new(Options, StandardJudges.All(Options, null, new StatisticalClassifier(DayZeroModel.Shipped)), null, TimeProvider.System);

    // Memory is what a test can hold to a number on any machine; processor time is printed, and docs/performance.md has it.
    private const long Budget = 16 << 20;

    public static TheoryData<string> Names => ["headers", "header-line", "deep", "parts", "line", "html", "entities", "links", "words", "comments", "encoded-words"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_message_made_to_cost_much_stays_within_its_budget(string kind)
    {
        var raw = Make(kind);
        await Panel.JudgeAsync(Letter.Judged(Make("plain")), TestContext.Current.CancellationToken);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        var judgement = await Panel.JudgeAsync(Letter.Judged(raw), TestContext.Current.CancellationToken);
        var used = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {raw.Length} octets, {used.TotalMilliseconds:0} ms, {allocated / 1024} KB, score {judgement.Verdict.Score:0.0}");
        Assert.DoesNotContain(judgement.Verdict.Findings, finding => finding.Symbol.EndsWith("_FAILED", StringComparison.Ordinal));
        if (kind == "headers") Assert.Contains(judgement.Verdict.Findings, finding => finding.Symbol == "HEADER_TOO_MANY");
        Assert.Contains(judgement.Verdict.Findings, finding => finding.Symbol == VerdictRule.StatisticalSymbol);
        Assert.InRange(allocated, 0, Budget);
    }

    [Fact]
    public void Any_octets_have_features_within_bounds() =>
        Gen.Byte.Array[0, 4000].Sample(
            raw =>
            {
                var features = FeatureExtractor.Of(Letter.Judged(raw));
                for (var kind = 0; kind < Features.Kinds; kind++) Assert.InRange(features[(FeatureKind)kind].Length, 0, FeatureSet.MaxFeatures);
            },
            iter: 2000);

    private static byte[] Make(string kind)
    {
        const string Start = "From: A <a@example.org>\r\nTo: b@example.com\r\nSubject: s\r\nMessage-ID: <1@example.org>\r\nDate: Mon, 4 May 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n";
        var text = new StringBuilder();
        switch (kind)
        {
            case "headers":
                for (var i = 0; i < 100_000; i++) text.Append("X-A").Append(i).Append(": b\r\n");
                return Bytes(text + Start + "\r\nhello\r\n");
            case "header-line":
                return Bytes("X-Long: " + new string('a', 4_000_000) + "\r\n" + Start + "\r\nhello\r\n");
            case "deep":
                text.Append(Start).Append("Content-Type: multipart/mixed; boundary=b0\r\n\r\n");
                for (var i = 0; i < 20_000; i++) text.Append("--b").Append(i).Append("\r\nContent-Type: multipart/mixed; boundary=b").Append(i + 1).Append("\r\n\r\n");
                return Bytes(text.ToString());
            case "parts":
                text.Append(Start).Append("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
                for (var i = 0; i < 100_000; i++) text.Append("--b\r\n\r\nx\r\n");
                return Bytes(text.ToString());
            case "line":
                return Bytes(Start + "\r\n" + new string('a', 8_000_000));
            case "html":
                text.Append(Start).Append("Content-Type: text/html\r\n\r\n");
                for (var i = 0; i < 500_000; i++) text.Append("<div><b>");
                return Bytes(text.ToString());
            case "entities":
                text.Append(Start).Append("Content-Type: text/html\r\n\r\n");
                for (var i = 0; i < 500_000; i++) text.Append("&CounterClockwiseContourIntegral&#x");
                return Bytes(text.ToString());
            case "links":
                text.Append(Start).Append("Content-Type: text/html\r\n\r\n");
                for (var i = 0; i < 100_000; i++) text.Append("<a href='http://a").Append(i).Append(".example/'>http://b.example/</a>");
                return Bytes(text.ToString());
            case "words":
                text.Append(Start).Append("\r\n");
                for (var i = 0; i < 1_000_000; i++) text.Append(i).Append(' ');
                return Bytes(text.ToString());
            case "comments":
                return Bytes("From: " + new string('(', 500_000) + "\r\n" + Start[26..] + "\r\nhello\r\n");
            case "encoded-words":
                text.Append("Subject: ");
                for (var i = 0; i < 200_000; i++) text.Append("=?utf-8?q?a?= ");
                return Bytes(text + "\r\n" + Start + "\r\nhello\r\n");
            default:
                return Bytes(Start + "\r\nhello\r\n");
        }
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
