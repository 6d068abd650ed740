using System.Runtime.InteropServices;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Composition;

/// <summary>The program that keeps a server's connections to other servers: this one once more, started by the server and never by hand.</summary>
internal static class WireKeeperProgram
{
    private const string Name = "keep-wires";

    /// <summary>How it is started.</summary>
    internal static IReadOnlyList<string> Command { get; } = Environment.ProcessPath is not { } path ? []
        : Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, typeof(WireKeeperProgram).Assembly.Location, Name] : [path, Name];

    /// <summary>The paths of socket and notes, where the arguments mean this program.</summary>
    internal static (string Socket, string Notes)? Meant(string[] arguments) => arguments is [Name, var socket, var notes] ? (socket, notes) : null;

    internal static async Task<int> RunAsync(string socket, string notes)
    {
        // Whoever ends a server this way ends its whole group; what the keeper is for comes after that. It ends when its server has.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        await using var server = Console.OpenStandardInput();
        await new WireKeeper(socket, notes).RunAsync(server, () => Console.Out.WriteLine("ready"));
        return 0;
    }
}
