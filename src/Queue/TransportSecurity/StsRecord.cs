using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>The TXT record at <c>_mta-sts</c> (RFC 8461 §3.1), which says that there is a policy and by its id when there is a new one.</summary>
public static class StsRecord
{
    private const int MaxId = 32;

    /// <summary>The id; null where there is no record, or more than one, or it breaks the grammar.</summary>
    public static string? IdOf(IReadOnlyList<string> texts)
    {
        // RFC 8461 §3.1: records that do not begin so are others' affair; of ours there must be exactly one.
        List<string> records = [.. texts.Where(text => text.StartsWith("v=STSv1", StringComparison.Ordinal) && (text.Length == 7 || text[7] is ';' or ' ' or '\t'))];
        if (records.Count != 1) return null;
        foreach (var field in records[0].Split(';').Skip(1))
        {
            var equals = field.IndexOf('=');
            if (equals < 0 || !field.AsSpan(0, equals).Trim(" \t").SequenceEqual("id")) continue;
            var id = field[(equals + 1)..].Trim(' ', '\t');
            return id.Length is > 0 and <= MaxId && id.All(char.IsAsciiLetterOrDigit) ? id : null;
        }
        return null;
    }

    /// <summary>The record for a policy of ours. Its id is made from the policy, so that a changed policy has another one.</summary>
    public static string Of(string policy) => $"v=STSv1; id={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(policy)))[..20]}";
}
