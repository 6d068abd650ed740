using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Sendmail;

// First of all, because a web page waits for it: it needs nothing of the command line, still less of the server.
if (SendmailProgram.Meant(args) is var (name, arguments)) return SendmailProgram.Run(name, arguments);
if (WireKeeperProgram.Meant(args) is var (socket, notes)) return await WireKeeperProgram.RunAsync(socket, notes);
return await CommandLine.RunAsync(args);
