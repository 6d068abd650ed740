using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.MailAuth.Spf;
using YamlDotNet.RepresentationModel;

namespace Sternpost.Unit.MailAuth;

/// <summary>The openspf suites, case by case: what pyspf and the world's receivers agree on.</summary>
public sealed class SpfSuiteTests
{
    private const string Missing = "(suite missing)";

    // Of the second suite only: they use names of one label, for which RFC 7208 §4.3 demands "none" and §7.1 has no domain-spec.
    private static readonly string[] SingleLabelNames =
    [
        "Resolution limits/resolution-with-10-lookups",
        "MX resolution limits/mx-resolution-10-terms",
        "MX resolution limits/mx-resolution-11-terms",
        "NXDOMAIN tests/one-mx-not-found",
        "NXDOMAIN tests/all-mx-not-found",
        "NXDOMAIN tests/include-not-found",
        "NXDOMAIN tests/redirect-not-found",
    ];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in new[] { "spf/rfc7208-tests.yml", "spf/albertito/blitirispf-tests.yml" })
        {
            if (Suites.Find(file) is null) data.Add(file, Missing);
            else foreach (var (key, _, _) in Load(file).Where(entry => !SingleLabelNames.Contains(entry.Key))) data.Add(file, key);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string file, string name)
    {
        if (name == Missing) Suites.Require(file);
        var (_, test, zone) = Load(file).Single(entry => entry.Key == name);
        var result = await SpfCheck.EvaluateAsync(
            IPAddress.Parse(Text(test, "host")!), Text(test, "helo") ?? "", Text(test, "mailfrom"), Zone(zone), new FakeTimeProvider(), default);
        Assert.Contains(result.Word, Values(test.Children["result"]));
        if (Text(test, "explanation") is { } explanation) Assert.Equal(explanation, result.Explanation ?? "DEFAULT");
    }

    [Fact]
    public void TheSuiteIsWhole()
    {
        Suites.Require("spf/rfc7208-tests.yml");
        Assert.Equal(203, Load("spf/rfc7208-tests.yml").Count());
    }

    private static IEnumerable<(string Key, YamlMappingNode Test, YamlMappingNode Zone)> Load(string file)
    {
        using var reader = new StreamReader(Suites.Find(file)!);
        var yaml = new YamlStream();
        yaml.Load(reader);
        foreach (var document in yaml.Documents)
        {
            var root = (YamlMappingNode)document.RootNode;
            foreach (var (key, test) in ((YamlMappingNode)root.Children["tests"]).Children)
                yield return ($"{Text(root, "description")}/{key}", (YamlMappingNode)test, (YamlMappingNode)root.Children["zonedata"]);
        }
    }

    private static ZoneResolver Zone(YamlMappingNode zonedata)
    {
        var zone = new ZoneResolver();
        foreach (var (key, records) in zonedata.Children)
        {
            var name = ((YamlScalarNode)key).Value!;
            // Names DNS cannot carry are in the suite only to be unreachable.
            if (!DomainName.TryParseForQuery(name, out _)) continue;
            zone.Exists(name);
            var list = ((YamlSequenceNode)records).Children;
            var hasTxt = list.OfType<YamlMappingNode>().Any(record => record.Children.ContainsKey("TXT"));
            foreach (var record in list)
            {
                if (record is YamlScalarNode) zone.Fails(name);
                else Add(zone, name, ((YamlMappingNode)record).Children.Single(), hasTxt);
            }
        }
        return zone;
    }

    private static void Add(ZoneResolver zone, string name, KeyValuePair<YamlNode, YamlNode> record, bool hasTxt)
    {
        var (type, value) = (((YamlScalarNode)record.Key).Value!, record.Value);
        switch (type)
        {
            case "TXT" when value is YamlScalarNode { Value: "NONE" }: break;
            case "TXT":
                zone.Txt(name, [.. Values(value)]);
                break;
            // The suite's word: an SPF record stands for a TXT record where the name has none of its own.
            case "SPF" when !hasTxt:
                zone.Txt(name, [.. Values(value)]);
                break;
            case "A" or "AAAA": zone.Address(name, [.. Values(value)]); break;
            case "MX" when Values(value) is [var preference, var exchange]: zone.Mx(name, int.Parse(preference), exchange.Length == 0 ? "." : exchange); break;
            case "PTR": zone.ReverseAt(name, ((YamlScalarNode)value).Value!); break;
            case "TIMEOUT" or "SERVFAIL": zone.Fails(name); break;
            case "CNAME": zone.Cname(name, ((YamlScalarNode)value).Value!); break;
        }
    }

    private static string? Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static List<string> Values(YamlNode node) => node switch
    {
        YamlSequenceNode sequence => [.. sequence.Select(child => ((YamlScalarNode)child).Value!)],
        _ => [((YamlScalarNode)node).Value!],
    };
}
