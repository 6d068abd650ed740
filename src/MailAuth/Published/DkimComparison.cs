using Sternpost.MailAuth.Dkim;

namespace Sternpost.MailAuth.Published;

/// <summary>Compares a selector's record with the key we sign with: all that can be wrong with it makes every signature fail, and nobody tells.</summary>
internal static class DkimComparison
{
    internal static DnsRecordCheck Check(DnsRecordToPublish record, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return DnsRecordCheck.Missing(record);
        // RFC 6376 §3.6.2.2: the result of several records is undefined.
        if (texts.Count > 1) return new(record, PublishedState.Different, texts, ["There are several TXT records at the selector; which of them a receiver takes is chance."]);
        if (!DkimKeyRecord.TryParse(record.Value, out var wanted, out _)) return new(record, PublishedState.NotChecked, texts, []);
        if (!DkimKeyRecord.TryParse(texts[0], out var found, out var problem)) return Fails($"{Capital(problem)}, so every signature fails.");
        if (found.Key.Length == 0 && wanted.Key.Length > 0) return Fails("The record revokes the key (p= is empty), and mail is still signed with it: every signature fails.");
        if (found.Key.Length > 0 && wanted.Key.Length == 0) return new(record, PublishedState.Missing, texts, [record.Without]);
        if (found.KeyType != wanted.KeyType) return Fails($"The record says k={found.KeyType}, and the key is {wanted.KeyType}: every signature fails.");
        if (!found.Key.AsSpan().SequenceEqual(wanted.Key)) return Fails("The record holds another key than the one we sign with: every signature fails. Copy p= whole; forms that cut long values are a common cause.");
        if (!found.Allows("sha256")) return Fails("The record does not allow SHA-256 (h=), which we sign with: every signature fails.");
        if (!found.ForEmail) return Fails("The record is not for email (s=): every signature fails.");
        return new(record, PublishedState.Published, texts, found.Testing ? ["The record says that DKIM is only being tested (t=y); receivers may act as if the mail were unsigned. Take it out."] : []);

        DnsRecordCheck Fails(string why) => new(record, PublishedState.Different, texts, [why]);
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
