using System.Diagnostics;
using System.Text.Json;

namespace Sternpost.Unit.House;

/// <summary>The verbs domain, account and alias, as an administrator's script calls them: the real program, a folder, exit codes.</summary>
public sealed class DirectoryCommandTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly string folder = Directory.CreateTempSubdirectory("commands").FullName;

    [Fact]
    public async Task A_domain_is_filled_listed_and_emptied()
    {
        Assert.Equal((0, ""), await RunAsync("domain add example.com"));
        Assert.Equal((1, ""), await RunAsync("domain add example.com"));
        Assert.Equal((0, ""), await RunAsync("account add alice@example.com --admin --password-stdin", Password));
        Assert.Equal((0, ""), await RunAsync("account add bob@example.com --quota 5MB --password-stdin", Password));
        Assert.Equal((1, ""), await RunAsync("account add carol@example.com --password-stdin", "short"));
        Assert.Equal((0, ""), await RunAsync("alias add @example.com alice@example.com"));
        Assert.Equal((0, ""), await RunAsync("alias add sales@example.com bob@example.com"));
        Assert.Equal((1, ""), await RunAsync("alias add bob@example.com alice@example.com"));

        Assert.Equal("example.com", (await JsonAsync("domain list"))[0].GetProperty("domain").GetString());
        var domain = await JsonAsync("domain show example.com");
        Assert.Equal((2, 2), (domain.GetProperty("accounts").GetInt32(), domain.GetProperty("aliases").GetInt32()));
        Assert.Equal("@example.com alice@example.com sales@example.com bob@example.com", string.Join(' ', (await JsonAsync("alias list --domain example.com"))
            .EnumerateArray().Select(alias => alias.GetProperty("alias").GetString() + " " + alias.GetProperty("target").GetString())));

        Assert.Equal((0, ""), await RunAsync("account suspend bob@example.com"));
        var bob = await JsonAsync("account show bob@example.com");
        Assert.Equal(("suspended", 5_000_000, false), (bob.GetProperty("status").GetString(), bob.GetProperty("quotaBytes").GetInt64(), bob.GetProperty("administrator").GetBoolean()));

        Assert.Equal((1, ""), await RunAsync("domain remove example.com"));
        Assert.Equal((1, ""), await RunAsync("account remove bob@example.com", ""));
        Assert.Equal((0, ""), await RunAsync("account remove bob@example.com --yes"));
        Assert.Equal((0, ""), await RunAsync("account remove alice@example.com --yes"));
        Assert.Equal((0, ""), await RunAsync("domain remove example.com"));
        Assert.Equal(0, (await JsonAsync("domain list")).GetArrayLength());
    }

    [Theory]
    [InlineData("alias add @nowhere", 2)]
    [InlineData("account add nobody --password-stdin", 2)]
    [InlineData("account", 2)]
    [InlineData("alias remove @example.com", 1)]
    [InlineData("account list --domain example.com", 1)]
    public async Task What_cannot_be_done_says_so_by_its_exit_code(string line, int expected) => Assert.Equal((expected, ""), await RunAsync(line, Password));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<JsonElement> JsonAsync(string line)
    {
        var (exit, output) = await RunAsync(line + " --json");
        Assert.Equal(0, exit);
        return JsonDocument.Parse(output).RootElement;
    }

    private async Task<(int Exit, string Output)> RunAsync(string line, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sternpost.dll"), .. line.Split(' '), "--data", folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        // Whatever went wrong, it is told to people in a sentence, never by a trace of the program.
        Assert.DoesNotContain("   at Sternpost", await errors, StringComparison.Ordinal);
        return (process.ExitCode, output);
    }
}
