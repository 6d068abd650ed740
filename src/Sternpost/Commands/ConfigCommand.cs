using System.CommandLine;
using Sternpost.Configuration;

namespace Sternpost.Commands;

/// <summary><c>config check</c>, and the documents that are made from the program.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var check = new Command("check", "Reads the configuration and says everything that is wrong with it.");
        check.SetAction(result =>
        {
            var path = CommonOptions.ConfigurationPath(result);
            ConfigurationFile.Load(path);
            Console.Error.WriteLine($"{path} is good.");
        });
        var reference = new Command("reference", "Prints docs/configuration.md.");
        reference.SetAction(_ => Console.Out.Write(ConfigurationReference.Markdown()));
        var commands = new Command("commands", "Prints docs/cli.md.");
        commands.SetAction(_ => Console.Out.Write(CommandReference.Markdown()));
        return new Command("config", "The configuration file.") { check, reference, commands };
    }
}
