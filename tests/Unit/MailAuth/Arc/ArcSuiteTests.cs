using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Results;
using YamlDotNet.RepresentationModel;

namespace Sternpost.Unit.MailAuth.Arc;

/// <summary>ValiMail's ARC suite: every validation case, and the seals that every signing case asks for, octet for octet but for white space.</summary>
public sealed partial class ArcSuiteTests
{
    private const string Missing = "(suite missing)";
    private const string Validation = "arc/arc-draft-validation-tests.yml", Signing = "arc/arc-draft-sign-tests.yml";

    public static TheoryData<string> ValidationCases() => Names(Validation);

    public static TheoryData<string> SigningCases() => Names(Signing);

    [Theory]
    [MemberData(nameof(ValidationCases))]
    public async Task Validates(string name)
    {
        if (name == Missing) Suites.Require(Validation);
        var (test, scenario) = Load(Validation).Single(entry => entry.Name == name).Case;
        var result = await ArcVerifier.VerifyAsync(Message(test), Zone(scenario), default);
        var expected = Text(test, "cv").Trim().ToLowerInvariant();
        // RFC 8617 §5.2 steps 2 and 3: a chain with a seal that says cv=fail fails; the suite's draft printed nothing there.
        if (expected.Length == 0) expected = "fail";
        // RFC 8617 §4.1.2: the semantics of DKIM-Signature, and there no c= means simple/simple (RFC 6376 §3.5); this one was signed relaxed.
        if (name.EndsWith("/ams_fields_c_na", StringComparison.Ordinal)) expected = "fail";
        Assert.True(result.Word == expected, $"{result.Word} ({result.Reason}), not {expected}");
    }

    [Theory]
    [MemberData(nameof(SigningCases))]
    public async Task Seals(string name)
    {
        if (name == Missing) Suites.Require(Signing);
        var (test, scenario) = Load(Signing).Single(entry => entry.Name == name).Case;
        var message = Message(test);
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Text(scenario, "privatekey"));
        using var key = DkimSigningKey.Import(DomainName.Parse(Text(scenario, "domain")), Text(scenario, "sel"), rsa.ExportPkcs8PrivateKey());
        var chain = await ArcVerifier.VerifyAsync(message, Zone(scenario), default);
        var authservId = Text(test, "srv-id");
        var results = OwnResults.Gather(message, DomainName.Parse(authservId))!;
        var fields = ArcSealer.Seal(message, chain, authservId, results, key, DateTimeOffset.FromUnixTimeSeconds(long.Parse(Text(test, "t"))), Text(test, "sig-headers").Split(':'));

        string[] expected = string.IsNullOrWhiteSpace(Text(test, "AS")) ? []
            : ["ARC-Seal:" + Text(test, "AS"), "ARC-Message-Signature:" + Text(test, "AMS"), "ARC-Authentication-Results:" + Text(test, "AAR")];
        Assert.Equal(expected.Select(Tight), Fields(fields).Select(Tight));
        if (expected.Length > 0 && chain.Kind != ArcKind.Fail)
        {
            var sealedOnce = await ArcVerifier.VerifyAsync((byte[])[.. fields, .. message], Zone(scenario), default);
            Assert.Equal((ArcKind.Pass, ""), (sealedOnce.Kind, sealedOnce.Reason));
        }
    }

    [Fact]
    public void TheSuiteIsWhole()
    {
        Suites.Require(Validation);
        // 171 and 16 names, five of them twice.
        Assert.Equal((175, 17), (Load(Validation).Count(), Load(Signing).Count()));
    }

    [Theory]
    [InlineData("001.txt", ArcKind.Pass)]
    [InlineData("002.txt", ArcKind.Pass)]
    public async Task RealChains(string file, ArcKind expected)
    {
        var text = await File.ReadAllBytesAsync(Suites.Require("arc/mail-auth/" + file));
        var end = text.AsSpan().IndexOf("\n\n"u8);
        var zone = new ZoneResolver();
        foreach (var line in Encoding.ASCII.GetString(text, 0, end).Split('\n'))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            zone.Txt(line[..space], line[(space + 1)..]);
        }
        var result = await ArcVerifier.VerifyAsync(text.AsMemory(end + 2), zone, default);
        Assert.Equal((expected, ""), (result.Kind, result.Reason));
    }

    private static TheoryData<string> Names(string file)
    {
        var data = new TheoryData<string>();
        if (Suites.Find(file) is null) data.Add(Missing);
        else foreach (var (name, _) in Load(file)) data.Add(name);
        return data;
    }

    private static IEnumerable<(string Name, (YamlMappingNode Test, YamlMappingNode Scenario) Case)> Load(string file)
    {
        // YamlDotNet does not take a block whose first line is only spaces, which this suite has for empty values.
        var text = EmptyFirstLine().Replace(File.ReadAllText(Suites.Find(file)!), "$1");
        // Some names stand twice in one scenario, and other readers take only the last: here all run.
        var seen = new HashSet<string>();
        using var reader = new StringReader(CaseName().Replace(text, match => seen.Add(match.Value) ? match.Value : match.Value[..^1] + "_again:"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        foreach (var document in yaml.Documents)
        {
            var root = (YamlMappingNode)document.RootNode;
            foreach (var (name, test) in ((YamlMappingNode)root.Children["tests"]).Children)
                yield return ($"{Text(root, "description").Trim()}/{name}", ((YamlMappingNode)test, root));
        }
    }

    private static byte[] Message(YamlMappingNode test) => Encoding.UTF8.GetBytes(Text(test, "message"));

    private static ZoneResolver Zone(YamlMappingNode scenario)
    {
        var zone = new ZoneResolver();
        if (!scenario.Children.TryGetValue("txt-records", out var records) || records is not YamlMappingNode) return zone;
        // Folded YAML scalars join their lines by spaces, which base64 in a key may hold.
        foreach (var (name, text) in ((YamlMappingNode)records).Children) zone.Txt(((YamlScalarNode)name).Value!, ((YamlScalarNode)text).Value!);
        return zone;
    }

    private static string[] Fields(byte[] fields) =>
        fields.Length == 0 ? [] : [.. Encoding.ASCII.GetString(fields).Replace("\r\n\t", " ", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(new List<string>(), (list, line) => { if (line[0] == ' ') list[^1] += line; else list.Add(line); return list; })];

    [GeneratedRegex(@"(: *\|\n) +(?=\n)")]
    private static partial Regex EmptyFirstLine();

    [GeneratedRegex("^  [a-z0-9_]+:(?=\n)", RegexOptions.Multiline)]
    private static partial Regex CaseName();

    private static string Tight(string field) => string.Concat(field.Where(c => !char.IsWhiteSpace(c)));

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node.Children[key]).Value!;
}
