using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>The body (RFC 5173).</summary>
internal static class BodyTest
{
    internal static readonly CommandSpec Spec = new("body")
    {
        Extension = "body",
        Tags = [.. MatchTags.Match, new("raw", "transform"), new("content", "transform", ArgumentKind.TextList), new("text", "transform")],
        Positionals = [new(ArgumentKind.TextList, "key list")],
        Test = Make,
    };

    private static Condition? Make(BoundCommand bound)
    {
        var keys = bound.Texts(0);
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        var (transform, types) = (bound.Tag("transform") ?? "text", bound.TextsOf("transform") ?? []);
        return run => match.Test(
            run,
            transform switch
            {
                // RFC 5173 §4: without an empty line there is no body, and nothing to be true of it.
                _ when !run.Message.HasBody => [],
                "raw" => [SieveText.Decode(run.Message.Body.Span)],
                "content" => run.Message.Parts.SelectMany(part => Content(part, [.. types.Select(type => type.Of(run).ToLowerInvariant())])),
                _ => run.Message.Parts.Where(part => part.IsText).Select(part => part.Text(plain: true)),
            },
            keys);
    }

    // RFC 5173 §5.2: of a multipart what is around its parts, of a message its header; of everything else what it holds.
    private static IEnumerable<string> Content(SievePart part, List<string> types)
    {
        if (!types.Exists(type => Fits(part, type))) yield break;
        if (part.IsMultipart)
        {
            yield return part.Around.Before;
            yield return part.Around.Behind;
        }
        else if (part.IsMessage) yield return part.InnerHeader;
        else yield return part.IsText ? part.Text(plain: false) : SieveText.Decode(part.Content);
    }

    // RFC 5173 §5.2: "" is everything, "text" a whole type, "text/html" one; what is not of this form fits nothing.
    private static bool Fits(SievePart part, string type)
    {
        if (type.Length == 0) return true;
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return part.Type == type;
        return slash > 0 && slash < type.Length - 1 && type.IndexOf('/', slash + 1) < 0 && part.Type == type[..slash] && part.Subtype == type[(slash + 1)..];
    }
}
