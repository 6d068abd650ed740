using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>Processor time of the calling thread: a machine that is busy with other things does not make it pass.</summary>
internal static partial class ThreadTime
{
    // CLOCK_THREAD_CPUTIME_ID of Linux, clock_gettime(2).
    private const int ThreadClock = 3;

    /// <summary>What the thread has used; where the system does not tell, the time that has passed.</summary>
    internal static TimeSpan Now => OperatingSystem.IsLinux() && ClockGetTime(ThreadClock, out var time) == 0
        ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Fraction / TimeSpan.NanosecondsPerTick))
        : Stopwatch.GetElapsedTime(0);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Fraction;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);
}
