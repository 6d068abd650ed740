using System.Text;
using Sternpost.Filter.SpamAssassin;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Unit.Filter.SpamAssassin;

/// <summary>Rule sets and hits from texts written in a test.</summary>
internal static class RuleText
{
    internal const string Domains = "util_rb_tld com net org example test\n";

    internal static RuleSet Set(string text)
    {
        var book = new RuleBook();
        new RuleFileParser(book, new Capabilities(), _ => null).Parse(text, "test.cf");
        return RuleSetBuilder.Build(book);
    }

    /// <summary>Names of the rules that hit, in alphabetical order.</summary>
    internal static string Hits(string rules, string message) => Hits(Set(Domains + rules), Encoding.Latin1.GetBytes(message));

    internal static string Hits(RuleSet set, byte[] message) => string.Join(' ', RuleRunner.Run(set, message, Patient()).Hit.Select(hit => set.Names[hit]).Order(StringComparer.Ordinal));

    /// <summary>A budget that a busy machine does not use up.</summary>
    internal static RunBudget Patient() => new(TimeSpan.FromMinutes(2));

    internal static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);
}
