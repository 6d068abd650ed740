using Sternpost.Sieve.Compiling;

namespace Sternpost.Sieve.Tests;

/// <summary>Tests of tests (RFC 5228 §5).</summary>
internal static class LogicTests
{
    internal static readonly CommandSpec[] All =
    [
        new("true") { Test = _ => static _ => true },
        new("false") { Test = _ => static _ => false },
        new("not")
        {
            Tests = SubTests.One,
            Test = static bound =>
            {
                var inner = bound.Tests[0];
                return run => !inner(run);
            },
        },
        new("allof")
        {
            Tests = SubTests.List,
            Test = static bound =>
            {
                var tests = bound.Tests;
                return run => tests.All(test => test(run));
            },
        },
        new("anyof")
        {
            Tests = SubTests.List,
            Test = static bound =>
            {
                var tests = bound.Tests;
                return run => tests.Any(test => test(run));
            },
        },
    ];
}
