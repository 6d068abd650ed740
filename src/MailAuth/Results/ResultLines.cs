using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dkim2;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Results;

/// <summary>One method's result with its reason, for people.</summary>
/// <param name="Method">As in Authentication-Results: <c>spf</c>, <c>dkim</c>…</param>
/// <param name="Result">Its word.</param>
/// <param name="Reason">One plain sentence: what was looked at, and why it came out so.</param>
public sealed record ResultLine(string Method, string Result, string Reason);

/// <summary>Says of every method what it came to and why.</summary>
public static class ResultLines
{
    /// <summary>A line for each method, for DKIM one for each signature.</summary>
    public static IReadOnlyList<ResultLine> Of(AuthenticationOutcome outcome)
    {
        List<ResultLine> lines = [new("iprev", outcome.Iprev, Iprev(outcome)), new("spf", outcome.Spf.Word, Spf(outcome))];
        foreach (var signature in outcome.Dkim) lines.Add(new("dkim", signature.Word, Dkim(signature)));
        if (outcome.Dkim.Count == 0) lines.Add(new("dkim", "none", "the message bears no signature"));
        lines.Add(new("dmarc", outcome.Dmarc.Word, Dmarc(outcome)));
        lines.Add(new("arc", outcome.Arc.Word, Arc(outcome.Arc)));
        if (outcome.Dkim2 is { } dkim2) lines.Add(new("dkim2", dkim2.Word, dkim2.Kind == Dkim2Kind.None ? "the message bears no DKIM2 signature" : dkim2.Reason.Length > 0 ? dkim2.Reason : $"by {string.Join(", then ", dkim2.Hops)}"));
        return lines;
    }

    private static string Iprev(AuthenticationOutcome outcome) => outcome.Iprev switch
    {
        "pass" => $"the name of {outcome.ClientAddress} leads back to it",
        "fail" => $"{outcome.ClientAddress} has a name that does not lead back to it",
        "permerror" => $"{outcome.ClientAddress} has no name",
        "temperror" => $"DNS did not answer for the name of {outcome.ClientAddress}",
        _ => $"the name of {outcome.ClientAddress} was not asked for",
    };

    private static string Spf(AuthenticationOutcome outcome)
    {
        var (spf, client) = (outcome.Spf, outcome.ClientAddress);
        var of = spf.Domain is null ? "" : spf.Identity == SpfIdentity.Helo ? $"{spf.Domain}, the server's own name, for a null reverse-path: " : $"{spf.Domain}, the domain of the reverse-path: ";
        return of + spf.Kind switch
        {
            SpfKind.None => spf.Domain is null ? "there is no domain to ask" : "it publishes no SPF record",
            SpfKind.TempError => spf.Problem ?? "DNS did not answer now",
            SpfKind.PermError => spf.Problem ?? "its record cannot be used",
            SpfKind.Pass => $"{By(spf)} lets {client} send",
            SpfKind.Neutral => $"{By(spf)} says nothing about {client}",
            SpfKind.SoftFail => $"{By(spf)} says that {client} should rather not send",
            _ => $"{By(spf)} forbids {client} to send{(spf.Explanation is { Length: > 0 } text ? $"; it says: {text}" : "")}",
        };
    }

    // Without a mechanism the record came to its end (RFC 7208 §4.7).
    private static string By(SpfResult spf) => spf.Mechanism is { } mechanism ? $"\"{mechanism}\"" : "the end of its record";

    private static string Dkim(DkimResult signature)
    {
        var who = signature.Domain is null ? "" : $"{signature.Domain}{(signature.Selector.Length > 0 ? $", selector {signature.Selector}" : "")}{(signature.Algorithm.Length > 0 ? $", {signature.Algorithm}" : "")}{(signature.KeyBits > 256 ? $", {signature.KeyBits} bits" : "")}: ";
        List<string> notes = [signature.Reason.Length > 0 ? signature.Reason : "the signature is good, and nothing it covers was changed"];
        if (signature.UnsignedOctets > 0) notes.Add($"{signature.UnsignedOctets} octets of the body are not covered (l=)");
        if (signature.Testing) notes.Add("the key's owner is only testing (t=y)");
        return who + string.Join("; ", notes);
    }

    private static string Dmarc(AuthenticationOutcome outcome)
    {
        var dmarc = outcome.Dmarc;
        var policy = dmarc.Policy is { } asked ? $"; the record of {dmarc.RecordDomain} asks for p={asked.ToString().ToLowerInvariant()}" : "";
        return dmarc.Reason + policy;
    }

    private static string Arc(ArcResult arc) => arc.Kind switch
    {
        ArcKind.None => "the message was not sealed on its way",
        ArcKind.Pass => $"sealed by {string.Join(", then ", arc.Links.Select(link => link.Sealer))}",
        _ => arc.Reason,
    };
}
