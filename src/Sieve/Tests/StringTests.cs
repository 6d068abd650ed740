using Sternpost.Sieve.Commands;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Matching;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>Tests of strings and of flags (RFC 5229 §5, RFC 5232 §4).</summary>
internal static class StringTests
{
    internal static readonly CommandSpec[] All =
    [
        new("string") { Extension = "variables", Tags = MatchTags.Match, Positionals = [new(ArgumentKind.TextList, "source"), new(ArgumentKind.TextList, "key list")], Test = Text },
        new("hasflag") { Extension = "imap4flags", Tags = MatchTags.Match, Positionals = [new(ArgumentKind.TextList, "variable list or flags"), new(ArgumentKind.TextList, "flags")], Optional = 1, Test = HasFlag },
    ];

    private static Condition? Text(BoundCommand bound)
    {
        var (source, keys) = (bound.Texts(0), bound.Texts(1));
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        // RFC 5229 §5: :count counts strings that are not empty.
        var counts = match.Kind == MatchKind.Count;
        return run => match.Test(run, source.Select(text => text.Of(run)).Where(text => !counts || text.Length > 0), keys);
    }

    private static Condition? HasFlag(BoundCommand bound)
    {
        var keys = bound.Texts(bound.Count - 1);
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        List<string>? variables = null;
        if (bound.Count == 2)
        {
            if (!bound.Compiler.Has("variables"))
            {
                bound.Fail("the variable list of the hasflag test needs: require \"variables\"");
                return null;
            }
            variables = [.. bound.Positional(0).Texts.Select(name => name.ToLowerInvariant())];
        }
        // Keys hold flags as other lists do: several in one string are several.
        return run => match.Test(
            run,
            variables is null ? run.Flags : variables.SelectMany(name => FlagCommands.Split([run.Variables.Get(name)])),
            match.Kind is MatchKind.Is or MatchKind.Contains ? [.. keys.SelectMany(key => key.Of(run).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(TextValue.Fixed)] : keys);
    }
}
