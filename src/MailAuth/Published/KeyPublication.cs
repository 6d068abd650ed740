using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>Whether a key stands in DNS as receivers need it.</summary>
public static class KeyPublication
{
    /// <summary>True where the selector's record is the key and nothing else; null where DNS did not answer.</summary>
    public static async ValueTask<bool?> IsPublishedAsync(DomainName domain, PublishedKey key, IDnsResolver resolver, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery($"{key.Selector}._domainkey.{domain.Ascii}", out var name)) return false;
        var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return null;
        return DkimComparison.Check(new DnsRecordToPublish(name.Ascii, "TXT", 0, key.RecordText, ""), answer.Records).State == PublishedState.Published;
    }
}
