using CsCheck;
using Sternpost.Dns;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Dns;

public sealed class PublicSuffixesTests
{
    [Fact]
    public void EveryCaseOfTheListsOwnTestsPasses()
    {
        var lines = File.ReadAllLines(Suites.Require("psl/tests/tests.txt"));
        var cases = 0;
        foreach (var line in lines)
        {
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal)) continue;
            var (given, wanted) = line.Split(' ') switch { [var first, var second] => (first, second), _ => throw new FormatException(line) };
            if (given == "null") given = "";
            if (wanted == "null") wanted = "";
            Assert.Equal(wanted, PublicSuffixes.RegistrableDomain(given).ToString(), ignoreCase: true);
            cases++;
        }
        Assert.True(cases > 75, $"only {cases} cases were found");
    }

    // The rules as shipped are those of the list beside the repository, so that "all cases pass" speaks of the real list.
    [Fact]
    public void TheShippedRulesAreThoseOfTheList()
    {
        using var full = new StreamReader(Suites.Require("psl/public_suffix_list.dat"));
        Assert.Equal(SuffixRules.Read(full).Count, SuffixRules.Load().Count);
    }

    [Theory]
    [InlineData("www.example.co.uk", "co.uk", "example.co.uk")]
    [InlineData("alice.github.io", "github.io", "alice.github.io")]
    [InlineData("mail.example.com.", "com", "example.com")]
    [InlineData("city.kawasaki.jp", "kawasaki.jp", "city.kawasaki.jp")]
    [InlineData("localhost", "localhost", "")]
    [InlineData("192.0.2.1", "", "")]
    [InlineData("a..example.com", "", "")]
    [InlineData("", "", "")]
    [InlineData(".", "", "")]
    public void SuffixAndRegistrableDomain(string domain, string suffix, string registrable)
    {
        Assert.Equal(suffix, PublicSuffixes.Of(domain).ToString());
        Assert.Equal(registrable, PublicSuffixes.RegistrableDomain(domain).ToString());
    }

    [Theory]
    [InlineData("mail.example.com", "WWW.Example.com", true)]
    [InlineData("alice.github.io", "bob.github.io", false)]
    [InlineData("com", "com", true)]
    [InlineData("com", "example.com", false)]
    public void OwnersAreTheSameWhereTheRegistrableDomainIs(string a, string b, bool same) => Assert.Equal(same, PublicSuffixes.SameOwner(a, b));

    [Fact]
    public void ALookupAllocatesNothing()
    {
        // Code that is not optimised yet boxes on its way through the dictionary, so the first rounds do not count.
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (AllocatedBy(1000) > 0) Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), "it still allocates after 20 seconds");

        static long AllocatedBy(int lookups)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < lookups; i++)
            {
                if (PublicSuffixes.RegistrableDomain("A.B.C.D.E.F.G.h.Example.CO.UK").Length != 13) throw new InvalidOperationException();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void WhateverTextIsGivenTheAnswerIsASliceAtALabelOrNothing() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["abck.ukjpw*!-"], 0, 40]).Sample(text =>
        {
            var found = PublicSuffixes.RegistrableDomain(text).ToString();
            var whole = text.TrimEnd('.');
            Assert.True(found.Length == 0 || found == whole || text.EndsWith("." + found, StringComparison.Ordinal) || text.EndsWith("." + found + ".", StringComparison.Ordinal), text);
            Assert.True(found.Length == 0 || found.Contains('.', StringComparison.Ordinal), text);
            if (found.Length > 0) Assert.Equal(found, PublicSuffixes.RegistrableDomain(found).ToString());
        });
}
