using System.Globalization;
using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>
/// A message of tests/Corpus, as its client sends it and as a server in front stores it: with that server's Received field on top, from which
/// <c>check</c> and the protocols without envelope know client, name and HELO.
/// </summary>
public sealed record FrontMail(string Name, string Client, string ReverseName, string Helo, string From, byte[] Sent, string Trace)
{
    public const string Recipient = "alice@example.com";

    // In two halves: scanners rightly take a file with the whole string for an infected one.
    private static readonly string TestFile = Convert.ToBase64String(Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"));

    /// <summary>The one of that name.</summary>
    public static FrontMail Of(string name) => All().Single(mail => mail.Name == name);

    /// <summary>
    /// So many, evenly out of all. Left out are those whose content no server in front passes on as it is (bare 8-bit header, no header at all, lines no
    /// one may send), because then there is nothing to compare.
    /// </summary>
    public static IReadOnlyList<FrontMail> Some(int count)
    {
        var all = All();
        Assert.True(all.Count >= count, $"{all.Count} messages can be used.");
        return [.. Enumerable.Range(0, count).Select(i => all[i * all.Count / count])];
    }

    /// <summary>Writes each to a file of its own and asks <c>check</c>; verdicts by name.</summary>
    public static async Task<Dictionary<string, (string Verdict, double Score, string Findings)>> CheckAsync(InstalledServer server, IReadOnlyList<FrontMail> mails)
    {
        var folder = Path.Combine(server.Folder, "check");
        Directory.CreateDirectory(folder);
        var verdicts = new Dictionary<string, (string, double, string)>();
        var files = new List<string>();
        foreach (var mail in mails)
        {
            files.Add(mail.FileIn(folder));
            await File.WriteAllBytesAsync(files[^1], mail.Raw);
        }
        var outcome = await server.CommandAsync(null, ["check", "--json", "--rcpt", Recipient, .. files]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        using var json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        var results = json.RootElement.EnumerateArray().ToList();
        for (var i = 0; i < mails.Count; i++) verdicts[mails[i].Name] = (results[i].GetProperty("verdict").GetString()!, results[i].GetProperty("score").GetDouble(), string.Join(", ", results[i].GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("symbol")}({finding.GetProperty("weight").GetDouble():0.0})")));
        return verdicts;
    }

    /// <summary>As stored.</summary>
    public byte[] Raw => [.. Encoding.ASCII.GetBytes(Trace), .. Sent];

    public string FileIn(string folder) => Path.Combine(folder, Name.Replace('/', '-'));

    private static List<FrontMail> All() => [.. Directory.EnumerateFiles(Folder(), "*.mail", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read).OfType<FrontMail>()];

    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sternpost.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, "tests", "Corpus");
    }

    private static FrontMail? Read(string file)
    {
        var text = File.ReadAllText(file).ReplaceLineEndings("\n");
        var at = text.IndexOf("---\n", StringComparison.Ordinal);
        var facts = text[..at].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        var body = text[(at + 4)..].Replace("{{virus-test-file}}", TestFile, StringComparison.Ordinal);
        var header = body.Split("\n\n")[0];
        var name = Path.GetRelativePath(Folder(), file);
        // Servers in front add, drop or re-encode such headers, so there is no same message to judge.
        if (!header.All(char.IsAscii) || facts.ContainsKey("faults") || !header.Contains("\nDate:", StringComparison.Ordinal) || !header.Contains("\nMessage-ID:", StringComparison.OrdinalIgnoreCase)
            || !header.Contains("From:", StringComparison.Ordinal) || header.Split('\n').Any(line => line.Length > 0 && line[0] is not (' ' or '\t') && !line.Contains(':', StringComparison.Ordinal)))
            return null;
        var client = facts.GetValueOrDefault("client", "203.0.113.77 mail.somebody.example").Split(' ');
        var helo = facts.GetValueOrDefault("helo", client[1] == "unknown" ? "mail.somebody.example" : client[1]);
        if (helo.Contains(' ', StringComparison.Ordinal)) return null;
        var from = facts.GetValueOrDefault("mail-from", "sender@wanted.example").Trim('<', '>');
        var now = DateTimeOffset.UtcNow.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
        body = body.Replace("Mon, 04 May 2026 09:12:44 +0200", now, StringComparison.Ordinal);
        var received = $"Return-Path: <{from}>\nReceived: from {helo} ({client[1]} [{client[0]}])\n\tby front.example with ESMTP id 1\n\tfor <{Recipient}>; {now}\n";
        return new FrontMail(name, client[0], client[1], helo, from, Encoding.UTF8.GetBytes(body.Replace("\n", "\r\n", StringComparison.Ordinal)), received.Replace("\n", "\r\n", StringComparison.Ordinal));
    }
}
