using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the recipients named in the header.</summary>
internal static class RecipientFunctions
{
    private const int MostAddresses = 256;
    private const int EnoughToSort = 7;
    private const int EnoughToCompare = 5;

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("sorted_recipients", (scan, _) => Addresses(scan) is { Count: >= EnoughToSort } addresses && addresses.SequenceEqual(addresses.Order(StringComparer.Ordinal))),
        ("similar_recipients", Similar),
        ("check_for_missing_to_header", (scan, _) => scan.Header.Text("To").Length == 0 && scan.Header.Text("Apparently-To").Length == 0),
    ];

    private static List<string> Addresses(MessageScan scan) => scan.Note("recipients", () =>
    {
        List<string> all = [.. scan.Header.All("ToCc:addr")];
        if (all.Count < EnoughToCompare) all.AddRange(scan.Header.All("Bcc:addr"));
        var addresses = new List<string>();
        foreach (var address in all)
        {
            if (addresses.Count == MostAddresses) break;
            if (addresses.Count == 0 || !addresses[^1].Equals(address, StringComparison.OrdinalIgnoreCase)) addresses.Add(address);
        }
        return addresses;
    });

    private static bool Similar(MessageScan scan, string[] arguments)
    {
        var similar = scan.Note("similar recipients", () => (object)Similarity(Addresses(scan))) is double share ? share : 0;
        return (arguments.NumberAt(0) is not { } least || similar >= least) && (arguments.NumberAt(1) is not { } most || similar < most);
    }

    // How many pairs begin alike, before and behind the @.
    private static double Similarity(List<string> addresses)
    {
        if (addresses.Count < EnoughToCompare) return 0;
        var hosts = addresses.ConvertAll(address => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..]);
        int hits = 0, pairs = 0;
        for (var i = 0; i < addresses.Count; i++)
        {
            for (var j = i + 1; j < addresses.Count; j++)
            {
                if (Begin(addresses[i]).SequenceEqual(Begin(addresses[j]))) hits++;
                if (Begin(hosts[i]).SequenceEqual(Begin(hosts[j])) && hosts[i] != hosts[j]) hits++;
                pairs++;
            }
        }
        return (double)hits / pairs;
    }

    private static ReadOnlySpan<char> Begin(string text) => text.AsSpan(0, Math.Min(2, text.Length));
}
