using System.Security.Cryptography;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>
/// Asks the configured lists about hashes of the addresses that answers would go to: free-mail boxes of fraudsters, which no list of domains
/// can name. The list learns of no address that it does not know already.
/// </summary>
internal sealed class HashListJudge(FilterOptions options, IDnsResolver resolver) : IJudge
{
    private static readonly Symbol Listed = new("ADDRESS_LISTED", 3.0, "An address in the message is on a list of addresses used for fraud.");

    private const int MaxAddresses = 6;

    private readonly AskedList[] lists = AskedList.Of(options.HashLists, resolver);

    public string Name => "hash-lists";

    public IReadOnlyList<Symbol> Symbols => [Listed];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        if (lists.Length == 0) return [];
        var questions = (from list in lists from address in AddressesOf(message) select (list, address)).ToList();
        var answers = await Task.WhenAll(questions.Select(question => question.list.AskAsync(list => list.AskAsync(EntryOf(question.list.Zone, question.address), cancellation)))).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is { Weight: > 0 } answer) return [Listed.Found($"The address {questions[i].address} is listed by {questions[i].list.Zone}.", answer.Weight)];
        }
        return [];
    }

    // Spamhaus takes SHA-256 in base32 and a label for the kind; the rest (ebl.msbl.org and its like) SHA-1 in hexadecimal.
    internal static string EntryOf(string zone, string address)
    {
        var octets = Encoding.UTF8.GetBytes(address);
        return zone.Contains("hbl.", StringComparison.OrdinalIgnoreCase) ? Base32(SHA256.HashData(octets)) + "._email" : Sha1(octets);
    }

#pragma warning disable CA5350 // The list's own choice: the hash is a name there, it protects nothing.
    private static string Sha1(byte[] octets) => Convert.ToHexStringLower(SHA1.HashData(octets));
#pragma warning restore CA5350

    // RFC 4648 §6, without padding.
    private static string Base32(byte[] octets)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new StringBuilder(56);
        int bits = 0, held = 0;
        foreach (var octet in octets)
        {
            bits = ((bits << 8) | octet) & 0xFFF;
            for (held += 8; held >= 5; held -= 5) text.Append(alphabet[(bits >> (held - 5)) & 31]);
        }
        if (held > 0) text.Append(alphabet[(bits << (5 - held)) & 31]);
        return text.ToString();
    }

    private static List<string> AddressesOf(MessageUnderJudgement message)
    {
        var addresses = new List<string>(2);
        Add(addresses, message.From.Address);
        Add(addresses, Originator.Of(message.Header, "Reply-To"u8).Address);
        foreach (var link in message.Text.Links)
        {
            if (addresses.Count < MaxAddresses && link.Target.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) Add(addresses, link.Target[7..].Split('?')[0]);
        }
        return addresses;
    }

    private static void Add(List<string> addresses, string address)
    {
        var lower = address.Trim().ToLowerInvariant();
        if (lower.Contains('@', StringComparison.Ordinal) && lower.Length <= 254 && !addresses.Contains(lower)) addresses.Add(lower);
    }
}
