using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter;

/// <summary>One message of tests/Corpus with what must be found in it; tests/Corpus/README.md describes the form.</summary>
internal sealed class CorpusMail
{
    // In two halves, because scanners rightly take a file that holds the whole test string for an infected one.
    private static readonly string VirusTestFile = Convert.ToBase64String(Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"));

    private readonly Dictionary<string, string> facts = [];

    private CorpusMail(string name, string text)
    {
        Name = name;
        var lines = text.Split('\n');
        var line = 0;
        for (; lines[line].TrimEnd('\r') != "---"; line++)
        {
            var colon = lines[line].IndexOf(':', StringComparison.Ordinal);
            facts[lines[line][..colon]] = lines[line][(colon + 1)..].Trim();
        }
        Raw = Letter.Octets(string.Join('\n', lines[(line + 1)..]).Replace("{{virus-test-file}}", VirusTestFile, StringComparison.Ordinal));
    }

    internal string Name { get; }

    internal byte[] Raw { get; }

    internal SortedSet<string> Expected => facts["expect"] == "nothing" ? [] : new SortedSet<string>(facts["expect"].Split(", "), StringComparer.Ordinal);

    /// <summary>Where it must go; null where the file does not say.</summary>
    internal string? Verdict => facts.GetValueOrDefault("verdict");

    internal static IEnumerable<CorpusMail> All()
    {
        var root = House.RepositoryRoot.File("tests", "Corpus");
        return from file in Directory.EnumerateFiles(root, "*.mail", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
               select new CorpusMail(Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText(file));
    }

    internal MessageUnderJudgement UnderJudgement()
    {
        var session = Letter.Session() with
        {
            Helo = facts.GetValueOrDefault("helo", ""),
            ProtocolFaults = facts.TryGetValue("faults", out var faults) ? faults.Split(' ') : [],
        };
        if (facts.TryGetValue("client", out var client))
        {
            var (address, reverse) = (client[..client.IndexOf(' ', StringComparison.Ordinal)], client[(client.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            DomainName? name = null;
            if (reverse != "unknown") Assert.True(DomainName.TryParse(reverse, out name));
            session = session with { ClientAddress = IPAddress.Parse(address), ReverseName = name, ReverseResult = name is null ? "fail" : "pass" };
        }
        var path = facts.GetValueOrDefault("mail-from", "sender@wanted.example");
        return new MessageUnderJudgement(session, new Envelope(path == "<>" ? null : Letter.Address(path), [new EnvelopeRecipient(Letter.Address("alice@example.com"))]), Raw);
    }
}
