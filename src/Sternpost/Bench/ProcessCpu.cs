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
        var path = $"/proc/{processId}/stat";
        if (!File.Exists(path)) return null;
        var stat = File.ReadAllText(path);
        // The program's name stands in brackets and may hold anything, so count from its last bracket: state is field 3.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }
}
