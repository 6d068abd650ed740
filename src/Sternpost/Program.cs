using System.CommandLine;
using Sternpost.Commands;

var root = new RootCommand("Sternpost: a mail server with one purpose, mastery over spam.");
foreach (var command in CommandTable.All()) root.Subcommands.Add(command);
return await root.Parse(args).InvokeAsync();

