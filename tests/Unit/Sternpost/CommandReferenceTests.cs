using System.CommandLine;
using Sternpost.Commands;

namespace Sternpost.Unit.House;

public class CommandReferenceTests
{
    [Fact]
    public void The_command_line_in_docs_is_fresh()
    {
        var path = Path.Combine(Repository.Root, "docs", "cli.md");
        var text = CommandReference.Markdown();
        if (Environment.GetEnvironmentVariable("STERNPOST_REGENERATE") == "1") File.WriteAllText(path, text);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == text, "docs/cli.md is stale: sternpost config commands > docs/cli.md");
    }

    [Fact]
    public void Every_verb_that_prints_JSON_has_its_keys_listed_and_no_other_has() =>
        Assert.Equal(
            Verbs(CommandLine.Root(), "").Where(verb => verb.Command.Options.Any(option => option.Name == "--json")).Select(verb => verb.Path).Order(StringComparer.Ordinal),
            JsonKeys.ByVerb.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_verb_option_and_argument_is_described() =>
        Assert.All(Verbs(CommandLine.Root(), ""), verb =>
        {
            Assert.False(string.IsNullOrEmpty(verb.Command.Description), verb.Path);
            Assert.All(verb.Command.Options.Where(option => !option.Hidden), option => Assert.False(string.IsNullOrEmpty(option.Description), $"{verb.Path} {option.Name}"));
            Assert.All(verb.Command.Arguments, argument => Assert.False(string.IsNullOrEmpty(argument.Description), $"{verb.Path} {argument.Name}"));
        });

    private static IEnumerable<(string Path, Command Command)> Verbs(Command parent, string path) =>
        parent.Subcommands.SelectMany(verb => Verbs(verb, (path + " " + verb.Name).Trim()).Prepend(((path + " " + verb.Name).Trim(), verb)));
}
