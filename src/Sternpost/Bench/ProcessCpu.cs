using System.Globalization;

namespace Sternpost.Bench;

/// <summary>The processor time another process has used, from /proc (proc_pid_stat(5)).</summary>
internal static class ProcessCpu
{
    // sysconf(_SC_CLK_TCK) is 100 on every Linux .NET runs on; the kernel keeps it so for programs.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of the process, or null where the system does not say.</summary>
    public static TimeSpan? Of(int processId)
    {
        if (Fields(processId) is not { } fields) return null;
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    /// <summary>The same with that of its children that have ended.</summary>
    public static TimeSpan? WithEnded(int processId)
    {
        if (Fields(processId) is not { } fields) return null;
        return TimeSpan.FromSeconds(fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    /// <summary>The process that started it; 0 where the system does not say.</summary>
    public static int ParentOf(int processId) => Fields(processId) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    private static string[]? Fields(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            // The program's name stands in brackets and may hold anything, so count from its last bracket: state is field 3.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
