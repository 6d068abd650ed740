using System.Text.Json;
using Sternpost.Composition;
using Sternpost.Filter;
using Sternpost.Filter.Evidence;

namespace Sternpost.Web;

/// <summary>The filter's symbols with a sentence each, as JSON: what a message's X-Sternpost-Verdict names, in words that its reader understands.</summary>
internal static class SymbolMeanings
{
    internal static byte[] Json(ServerParts parts) => JsonSerializer.SerializeToUtf8Bytes(Of(parts));

    internal static SortedDictionary<string, string> Of(ServerParts parts)
    {
        var meanings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var symbol in StandardJudges.All(new FilterOptions(), parts.Resolver, parts.Classifier).SelectMany(judge => judge.Symbols)) meanings[symbol.Name] = symbol.Meaning;
        foreach (var symbol in ServerEvidence.Symbols.Values.SelectMany(symbols => symbols)) meanings[symbol.Name] = symbol.Meaning;
        return meanings;
    }
}
