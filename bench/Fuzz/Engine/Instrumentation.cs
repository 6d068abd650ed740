using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SharpFuzz;

namespace Sternpost.Fuzz.Engine;

/// <summary>Makes a copy of this program whose parsers count their branches, and runs targets in it, in a process of its own: one that dies is a finding.</summary>
internal static class Instrumentation
{
    internal const string Child = "run-instrumented";

    private static readonly string[] Rooms = ["Sternpost.Wire", "Sternpost.Dns", "Sternpost.Messages", "Sternpost.MailAuth", "Sternpost.Reports", "Sternpost.Accounts", "Sternpost.Malware", "Sternpost.Filter", "JpegLibrary", "zxing", "Sternpost.Smtp", "Sternpost.Queue", "Sternpost.ManageSieve"];

    internal static int RunChild(FuzzTarget target, string root, double minutes, int seed)
    {
        var program = Instrumented(Path.GetFullPath(Path.Combine(root, "instrumented")));
        var folder = Path.GetFullPath(Path.Combine(root, target.Name));
        Directory.CreateDirectory(folder);
        using var child = Process.Start(new ProcessStartInfo("dotnet", [program, Child, target.Name, folder, minutes.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)]))!;
        child.WaitForExit();
        var current = CurrentInput.PathFor(folder);
        var input = File.Exists(current) ? CurrentInput.Read(current) : [];
        File.Delete(current);
        if (child.ExitCode is 0 or 1) return child.ExitCode;
        Console.WriteLine($"{target.Name}: the process died ({child.ExitCode}); its input is in {Finding.Save(folder, input, "the process died")}");
        return 1;
    }

    // Once a build: two runs that start together must not write the same files.
    private static string Instrumented(string folder)
    {
        var mark = Convert.ToHexStringLower(SHA256.HashData([.. Rooms.Append("Sternpost.Fuzz").SelectMany(room => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, room + ".dll")))]))[..16];
        var finished = Path.Combine(folder, mark);
        var program = Path.Combine(finished, "Sternpost.Fuzz.dll");
        if (Directory.Exists(finished)) return program;
        var fresh = Path.Combine(folder, $"{mark}.{Environment.ProcessId}");
        Copy(AppContext.BaseDirectory, fresh);
        foreach (var room in Rooms) Fuzzer.Instrument(Path.Combine(fresh, room + ".dll"), _ => true, Options.Value);
        try
        {
            Directory.Move(fresh, finished);
        }
        catch (IOException) when (Directory.Exists(finished))
        {
            Directory.Delete(fresh, recursive: true);
        }
        return program;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
