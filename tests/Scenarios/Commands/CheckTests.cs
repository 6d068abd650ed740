using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Commands;

/// <summary><c>check</c> judges a message as if it arrived now.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task Every_method_has_a_result_and_a_reason_and_reverse_DNS_is_asked_as_for_a_session()
    {
        await using var dns = new ScriptedDns().Reverse("192.0.2.7", "mx.partner.example").Host("mx.partner.example", "192.0.2.7").Reverse("192.0.2.8", "liar.example")
            .Txt("partner.example", "v=spf1 ip4:192.0.2.7 -all").Txt("_dmarc.partner.example", "v=DMARC1; p=reject");
        var folder = Directory.CreateTempSubdirectory("sternpost-check-").FullName;
        var configuration = Path.Combine(folder, "sternpost.toml");
        await File.WriteAllTextAsync(configuration, $"[server]\nhostname = \"mail.company.example\"\n[dns]\nresolvers = [\"{dns.Address}\"]\n");
        var message = Path.Combine(folder, "message.eml");
        await File.WriteAllTextAsync(message, "From: a@partner.example\r\nTo: clerk@company.example\r\nSubject: Hello\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <1@partner.example>\r\n\r\nHello clerk.\r\n");

        Assert.Equal(["iprev=pass", "spf=pass", "dkim=none", "dmarc=pass", "arc=none"], (await CheckAsync("192.0.2.7")).Select(line => $"{line.Method}={line.Result}"));
        Assert.Equal(["iprev=permerror", "spf=fail", "dkim=none", "dmarc=fail", "arc=none"], (await CheckAsync("192.0.2.8")).Select(line => $"{line.Method}={line.Result}"));
        Directory.Delete(folder, recursive: true);

        async Task<List<(string Method, string Result)>> CheckAsync(string client)
        {
            var outcome = await Peer.RunAsync("dotnet", [ServerProcess.Program, "check", "--config", configuration, "--ip", client, "--mail-from", "a@partner.example", "--json", message]);
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            using var json = JsonDocument.Parse(outcome.Output);
            var lines = json.RootElement[0].GetProperty("authentication").EnumerateArray().ToList();
            Assert.All(lines, line => Assert.NotEmpty(line.GetProperty("reason").GetString()!));
            return [.. lines.Select(line => (line.GetProperty("method").GetString()!, line.GetProperty("result").GetString()!))];
        }
    }
}
