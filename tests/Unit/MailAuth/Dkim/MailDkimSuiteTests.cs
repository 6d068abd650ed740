using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Dkim;

/// <summary>Mail::DKIM's corpus, every file; what newer RFCs decide differently is named.</summary>
public sealed class MailDkimSuiteTests
{
    private const string Missing = "(suite missing)";

    // RFC 8301 §3.1: SHA-1 must not pass any more. The signatures are good, so canonicalization is tested all the same.
    private static readonly string[] GoodButSha1 =
    [
        "good_rfc4871_3.txt", "good_rfc4871_4.txt", "good_1878523.txt", "good_83176.txt", "multiple_2.txt",
        "good_qp_1.txt", "good_qp_2.txt", "good_qp_3.txt", "goodkey_1.txt", "goodkey_2.txt", "goodkey_3.txt", "goodkey_4.txt",
    ];

    // RFC 6376 §3.6.1 has no g= (it was in RFC 4871), and unknown tags are ignored: these are good but for SHA-1.
    private static readonly string[] GranularityIsGone = ["badkey_8.txt", "badkey_9.txt", "badkey_12.txt", "badkey_13.txt"];

    // RFC 6376 §3.5: v=1 is required; these were signed by drafts that had no v=, or another.
    private static readonly string[] Drafts =
    [
        "good_ietf00_1.txt", "good_ietf00_2.txt", "good_ietf00_3.txt", "good_ietf00_4.txt", "good_ietf00_5.txt",
        "mine_ietf01_1.txt", "mine_ietf01_2.txt", "mine_ietf01_3.txt", "mine_ietf01_4.txt", "mine_ietf05_1.txt",
        "good_ietf01_1.txt", "good_ietf01_2.txt", "multiple_1.txt", "bad_ietf01_1.txt", "bad_ietf01_2.txt", "bad_ietf01_3.txt", "bad_1.txt",
        "no_body_1.txt", "no_body_2.txt", "no_body_3.txt",
    ];

    // DomainKeys (RFC 4870) is historic: its fields are no DKIM signatures (RFC 6376 §3.5).
    private static readonly string[] DomainKeys =
    [
        "good_dk_gmail.txt", "good_dk_yahoo.txt", "good_dk_1.txt", "good_dk_2.txt", "good_dk_3.txt", "good_dk_4.txt", "good_dk_5.txt",
        "good_dk_6.txt", "good_dk_7.txt", "dk_headers_1.txt", "dk_headers_2.txt", "dk_multiple_1.txt",
        "bad_dk_1.txt", "bad_dk_2.txt", "bad_dk_3.txt", "bad_dk_4.txt", "bad_dk_5.txt",
    ];

    private static readonly DkimKind[] Invalid = [DkimKind.Neutral, DkimKind.PermError, DkimKind.TempError, DkimKind.Policy];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        if (Suites.Find("dkim/mail-dkim/EXPECT.tsv") is not { } path) data.Add(Missing, "");
        else
        {
            foreach (var line in File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#'))
            {
                var columns = line.Split('\t');
                data.Add(columns[0], columns[1]);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string file, string expected)
    {
        if (file == Missing) Suites.Require("dkim/mail-dkim/EXPECT.tsv");
        var raw = await File.ReadAllBytesAsync(Suites.Require("dkim/mail-dkim/corpus/" + file));
        var results = await DkimVerifier.VerifyAsync(raw, DateTimeOffset.UtcNow, Zone(), default);
        var kinds = results.Select(result => result.Kind).ToList();
        var all = string.Join("; ", results.Select(result => $"{result.Word} ({result.Reason})"));

        if (DomainKeys.Contains(file)) Assert.Empty(results);
        else if (Drafts.Contains(file)) Assert.All(results, result => Assert.Matches("no v=|unknown version", result.Reason));
        else if (GoodButSha1.Contains(file) || GranularityIsGone.Contains(file))
            Assert.Contains(results, result => result.Kind == DkimKind.Policy && result.Reason.Contains("SHA-1", StringComparison.Ordinal));
        else if (expected == "pass") Assert.True(kinds.Contains(DkimKind.Pass), all);
        else if (expected == "fail") Assert.True(kinds.Contains(DkimKind.Fail) && !kinds.Contains(DkimKind.Pass), all);
        else Assert.True(kinds.Count > 0 && kinds.TrueForAll(Invalid.Contains), all);
    }

    private static ZoneResolver Zone()
    {
        var zone = new ZoneResolver();
        foreach (var line in File.ReadLines(Suites.Require("dkim/mail-dkim/FAKE_DNS.dat")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (name, value) = (line[..space], line[space..].Trim());
            if (value.StartsWith("~~", StringComparison.Ordinal)) zone.Fails(name);
            else if (value != "NXDOMAIN") zone.Txt(name, value.Trim('"'));
        }
        return zone;
    }
}
