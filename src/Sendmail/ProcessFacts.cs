using System.Globalization;

namespace Sternpost.Sendmail;

/// <summary>A process as /proc shows it (proc(5)).</summary>
/// <param name="Id">Its pid.</param>
/// <param name="Parent">Its parent's.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Started">When, in clock ticks since the computer started: with the pid it names the process for good.</param>
/// <param name="Name">Its short name.</param>
/// <param name="Arguments">Its command line; a process may write over its own.</param>
/// <param name="Program">What it runs; null where this process may not know.</param>
/// <param name="Folder">Its working folder; null likewise.</param>
public sealed record ProcessFacts(int Id, int Parent, uint UserId, long Started, string Name, IReadOnlyList<string> Arguments, string? Program, string? Folder)
{
    private const int MaxCommandLine = 64 * 1024;
    private const int MaxAncestors = 8;

    private static readonly HashSet<string> Shells = new(StringComparer.Ordinal) { "sh", "dash", "bash", "ksh", "zsh", "ash", "busybox" };

    /// <summary>Reads one; null where it is gone.</summary>
    public static ProcessFacts? Of(int id)
    {
        var folder = "/proc/" + id.ToString(CultureInfo.InvariantCulture);
        try
        {
            // The name may hold anything, brackets too; what follows the last one is numbers.
            var stat = File.ReadAllText(folder + "/stat");
            var close = stat.LastIndexOf(')');
            var rest = stat[(close + 2)..].Split(' ');
            var user = File.ReadLines(folder + "/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
            return new ProcessFacts(id, int.Parse(rest[1], CultureInfo.InvariantCulture), uint.Parse(user, CultureInfo.InvariantCulture), long.Parse(rest[19], CultureInfo.InvariantCulture),
                stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..close], CommandLine(folder), Link(folder + "/exe"), Link(folder + "/cwd"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The program that called <paramref name="process"/>: the nearest ancestor of the same user that is no shell run for one command; null where there is none.</summary>
    public static ProcessFacts? CallerOf(ProcessFacts process)
    {
        var at = process;
        for (var i = 0; i < MaxAncestors && at.Parent > 1; i++)
        {
            if (Of(at.Parent) is not { } parent || parent.Started > at.Started) return null;
            at = parent;
            // A program that changed its user to run us (cron, su, a web server) still says more than nothing.
            if (!at.IsShellForOneCommand) return at;
        }
        return null;
    }

    /// <summary>The script that an interpreter runs, as a full path where the folder is known; null where there is none to be seen.</summary>
    public string? Script
    {
        get
        {
            var interpreter = System.IO.Path.GetFileName(Arguments.Count > 0 ? Arguments[0] : Name).TrimStart('-');
            // php-fpm writes "php-fpm: pool NAME" over its arguments; its script is not to be seen from outside.
            if (Arguments.Count < 2 || interpreter.Contains("php-fpm", StringComparison.Ordinal)) return null;
            if (!(interpreter.StartsWith("php", StringComparison.Ordinal) || interpreter.StartsWith("python", StringComparison.Ordinal) || interpreter.StartsWith("perl", StringComparison.Ordinal)
                || interpreter.StartsWith("ruby", StringComparison.Ordinal) || interpreter is "node" or "nodejs" || Shells.Contains(interpreter))) return null;
            for (var i = 1; i < Arguments.Count; i++)
            {
                var argument = Arguments[i];
                if (argument is "-f" or "--file" or "--") return i + 1 < Arguments.Count ? Full(Arguments[i + 1]) : null;
                // Code on the command line is no script.
                if (argument is "-r" or "-e" or "-c" && !interpreter.StartsWith("php", StringComparison.Ordinal)) return null;
                if (argument is "-r") return null;
                if (argument is "-d" or "-c" or "-z" or "-I" or "-W" or "-X") i++;
                else if (!argument.StartsWith('-')) return Full(argument);
            }
            return null;
        }
    }

    /// <summary>The pool of php-fpm, or null.</summary>
    public string? Pool => Arguments is [var first, ..] && first.StartsWith("php-fpm: pool ", StringComparison.Ordinal) ? first["php-fpm: pool ".Length..].Trim() : null;

    private bool IsShellForOneCommand => Shells.Contains(Name) && (Arguments.Count < 2 || Arguments.Skip(1).Any(argument => argument is "-c"));

    private string Full(string path) => Folder is null || path.StartsWith('/') ? path : System.IO.Path.GetFullPath(path, Folder);

    private static string[] CommandLine(string folder)
    {
        using var file = File.OpenRead(folder + "/cmdline");
        var buffer = new byte[MaxCommandLine];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\0').Split('\0');
    }

    // Of another user's process only root may know these.
    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
