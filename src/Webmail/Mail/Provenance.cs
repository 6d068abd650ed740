using System.Globalization;
using System.Text.RegularExpressions;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>How sure it is who sent a message.</summary>
public enum Proof
{
    /// <summary>Nothing is known; the message is one's own, or came from another server's archive.</summary>
    None,

    /// <summary>The domain of the From address vouches for it (DMARC).</summary>
    Proved,

    /// <summary>Somebody vouches, but not the domain that the reader sees.</summary>
    Partly,

    /// <summary>Nobody vouches.</summary>
    Unproved,

    /// <summary>The domain that the reader sees says that it is not from there.</summary>
    Forged,
}

/// <summary>One finding of the filter, with its weight: above 0 speaks for spam.</summary>
public sealed record Finding(string Symbol, double Weight);

/// <summary>Who sent a message, how that was proved, and why it is where it is: from what the receiving server wrote into it.</summary>
public sealed partial class Provenance
{
    private Provenance(Proof proof, string sentence) => (Proof, Sentence) = (proof, sentence);

    public Proof Proof { get; }

    /// <summary>The one sentence.</summary>
    public string Sentence { get; }

    /// <summary>The filter's score; null where it did not judge.</summary>
    public double? Score { get; private init; }

    public IReadOnlyList<Finding> Findings { get; private init; } = [];

    /// <summary>What each method came to, for who wants to know more: "spf", "pass (bounce@example.com)".</summary>
    public IReadOnlyList<(string Method, string Result)> Methods { get; private init; } = [];

    /// <summary>Whether the domain of the From address vouches for it by DMARC; what helps a sender asks for that.</summary>
    public bool PassedDmarc => Methods.Any(method => method.Method == "dmarc" && (method.Result == "pass" || method.Result.StartsWith("pass ", StringComparison.Ordinal)));

    public bool IsFirstContact => Findings.Any(finding => finding.Symbol == "FIRST_CONTACT");

    public static Provenance Of(Message message, Mailboxes mailboxes, string ownAddress, IReadOnlyDictionary<string, string> meanings)
    {
        var from = message.Email.From.Count > 0 ? message.Email.From[0] : null;
        var domain = from?.Email.Split('@')[^1] ?? "";
        var fields = message.Fields;
        var isJunk = message.Email.MailboxIds.Any(id => mailboxes.Find(id)?.Role == "junk");
        if (from is null) return new Provenance(Proof.Unproved, Words.Now.NoSender);
        if (fields.Results is null && fields.Verdict is null)
        {
            var isOwn = string.Equals(from.Email, ownAddress, StringComparison.OrdinalIgnoreCase) && message.Email.MailboxIds.Any(id => mailboxes.Find(id)?.Role is "sent" or "drafts");
            var inside = fields.Hops == 1 && domain.Length > 0 && string.Equals(domain, ownAddress.Split('@')[^1], StringComparison.OrdinalIgnoreCase);
            if (message.Email.IsDraft) return new Provenance(Proof.None, Words.Now.YourDraft);
            if (isOwn) return new Provenance(Proof.None, Words.Now.YouWroteThis);
            return new Provenance(inside ? Proof.Proved : Proof.None, (inside ? Words.Now.SentWithin(from.Email) : Words.Now.NothingKnown) + (isJunk ? " " + Words.Now.MovedToJunk : ""));
        }
        var methods = Results(fields.Results ?? "").ToList();
        var dmarc = methods.FirstOrDefault(method => method.Name == "dmarc");
        var dkim = methods.FirstOrDefault(method => method is { Name: "dkim", Result: "pass" });
        var spf = methods.FirstOrDefault(method => method.Name == "spf");
        var (proof, who) = true switch
        {
            _ when dmarc?.Result == "pass" => (Proof.Proved, Words.Now.Proved(from.Email, domain, dkim is not null && Related(dkim.Property("header.d"), domain))),
            _ when dmarc?.Result == "fail" => (Proof.Forged, Words.Now.ProbablyForged(from.Email, domain)),
            _ when dkim is not null => (Related(dkim.Property("header.d"), domain) ? Proof.Proved : Proof.Partly, Related(dkim.Property("header.d"), domain) ? Words.Now.Proved(from.Email, domain, true) : Words.Now.SignedByOther(from.Email, dkim.Property("header.d") ?? "?")),
            _ when spf?.Result == "pass" && Related(spf.Property("smtp.mailfrom")?.Split('@')[^1], domain) => (Proof.Partly, Words.Now.SentFromAllowed(from.Email, domain)),
            _ when methods.Any(method => method is { Name: "auth", Result: "pass" }) => (Proof.Proved, Words.Now.SentWithin(from.Email)),
            _ => (Proof.Unproved, Words.Now.Unproved(from.Email, domain)),
        };
        var (word, score, findings) = Verdict(fields.Verdict);
        return new Provenance(proof, who + " " + Why(word, findings, isJunk, meanings))
        {
            Score = score,
            Findings = findings,
            Methods = [.. methods.Select(method => (method.Name, method.Told))],
        };
    }

    private static string Why(string? word, IReadOnlyList<Finding> findings, bool isJunk, IReadOnlyDictionary<string, string> meanings)
    {
        if (word is null) return isJunk ? Words.Now.InJunkByHand : Words.Now.NotJudged;
        var judgedJunk = word != "accept";
        // Moved since by the user, or by their own rule.
        if (judgedJunk != isJunk) return judgedJunk ? Words.Now.JudgedJunkButHere : Words.Now.InJunkByHand;
        var weightiest = findings.Where(finding => judgedJunk ? finding.Weight > 0 : finding.Weight < 0).OrderByDescending(finding => Math.Abs(finding.Weight)).FirstOrDefault();
        // The classifier's symbol says in the server's words what it is; the reader wants to know what it found.
        var meaning = weightiest?.Symbol == "STATISTICS" ? Words.Now.FormOf(judgedJunk) : weightiest is not null && meanings.TryGetValue(weightiest.Symbol, out var found) ? found : null;
        return judgedJunk ? Words.Now.InJunkBecause(meaning) : Words.Now.HereBecause(meaning);
    }

    /// <summary>Why something the filter took for spam is in Junk: what weighed most, in a sentence.</summary>
    public static string WhyJunk(IReadOnlyList<Finding> findings, IReadOnlyDictionary<string, string> meanings)
    {
        var heaviest = findings.Where(finding => finding.Weight > 0).MaxBy(finding => finding.Weight);
        var meaning = heaviest?.Symbol == "STATISTICS" ? Words.Now.FormOf(true) : heaviest is not null && meanings.TryGetValue(heaviest.Symbol, out var found) ? found : null;
        return meaning is null ? Words.Now.ManySigns : char.ToUpperInvariant(meaning[0]) + meaning[1..].TrimEnd('.') + ".";
    }

    // "accept, score -4.9 (STATISTICS -4.9, DMARC_PASS 0.0), reference 0zmk5ksa.1"
    public static (string? Word, double? Score, IReadOnlyList<Finding> Findings) Verdict(string? field)
    {
        if (field is null) return (null, null, []);
        var word = field.Split(',', ' ')[0];
        double? score = ScoreOf().Match(field) is { Success: true } match ? Number(match.Groups[1].Value) : null;
        var (open, close) = (field.IndexOf('(', StringComparison.Ordinal), field.IndexOf(')', StringComparison.Ordinal));
        if (open < 0 || close < open) return (word, score, []);
        var findings = new List<Finding>();
        foreach (var item in field[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.LastIndexOf(' ') is > 0 and var space) findings.Add(new Finding(item[..space].Trim(), Number(item[(space + 1)..])));
        }
        return (word, score, findings);
    }

    // RFC 8601 §2.2, as our own server writes it.
    private static IEnumerable<Method> Results(string field)
    {
        foreach (var part in field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Split('=') is not [var name, var result]) continue;
            yield return new Method(name, result, [.. words.Skip(1).Select(word => word.Split('=', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1].Trim('"')))]);
        }
    }

    // One is the other, or below it.
    private static bool Related(string? one, string other) =>
        one is { Length: > 0 } && (string.Equals(one, other, StringComparison.OrdinalIgnoreCase) || other.EndsWith("." + one, StringComparison.OrdinalIgnoreCase) || one.EndsWith("." + other, StringComparison.OrdinalIgnoreCase));

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"score (-?\d+(?:\.\d+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex ScoreOf();

    private sealed record Method(string Name, string Result, IReadOnlyList<(string Name, string Value)> Properties)
    {
        public string Told => Result + (Properties.Count > 0 ? " (" + string.Join(", ", Properties.Where(property => property.Name is "header.d" or "smtp.mailfrom" or "header.from" or "policy.iprev" or "policy.dmarc").Select(property => property.Value)) + ")" : "");

        public string? Property(string name) => Properties.FirstOrDefault(property => property.Name == name).Value;
    }
}
