using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sternpost.Fuzz.Engine;

/// <summary>The CPU time of the current thread, which does not grow while others have the processor; wall time where the system has no such clock.</summary>
internal static partial class CpuClock
{
    // clock_gettime(2): CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadCpuTime = 3;

    internal static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux() || Gettime(ThreadCpuTime, out var time) != 0) return Stopwatch.GetElapsedTime(0);
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Gettime(int clock, out Time time);

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
