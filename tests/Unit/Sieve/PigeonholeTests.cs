using Sternpost.Unit.MailAuth;
using Sternpost.Unit.Sieve.Testsuite;

namespace Sternpost.Unit.Sieve;

public sealed class PigeonholeTests(ITestOutputHelper output)
{
    [Fact]
    public void Look()
    {
        var root = Path.Combine(Suites.Require("sieve"), "pigeonhole", "tests");
        var (passed, failed) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(root, "*.svtest*", SearchOption.AllDirectories).Order())
        {
            var name = Path.GetRelativePath(root, file);
            if (name.StartsWith("plugins", StringComparison.Ordinal)) continue;
            foreach (var (test, failure) in TestsuiteCommands.Run(file))
            {
                if (failure is null) passed++;
                else
                {
                    failed++;
                    output.WriteLine($"{name} / {test}: {failure}");
                }
            }
        }
        output.WriteLine($"{passed} passed, {failed} failed");
        Assert.Equal(0, failed);
    }
}
