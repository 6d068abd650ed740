using Sternpost.Commands;

return await CommandLine.RunAsync(args);
