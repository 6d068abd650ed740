using System.Runtime.InteropServices;

namespace Sternpost.Bench;

/// <summary>Processor time to the microsecond, which .NET gives for whole processes and in hundredths of a second.</summary>
internal static partial class ProcessorClock
{
    // clock_gettime(2) and getrusage(2) of Linux.
    private const int ThreadClock = 3;
    private const int Children = -1;

    /// <summary>What the calling thread has used, in milliseconds.</summary>
    public static double ThreadMilliseconds() => ClockGetTime(ThreadClock, out var time) == 0 ? (time.Seconds * 1e3) + (time.Fraction / 1e6) : throw new PlatformNotSupportedException("The system has no clock of a thread's processor time.");

    /// <summary>What all children that have ended have used, in milliseconds.</summary>
    public static double ChildrenMilliseconds()
    {
        // struct rusage is two times and 14 longs.
        Span<long> usage = stackalloc long[18];
        if (GetResourceUsage(Children, ref MemoryMarshal.GetReference(usage)) != 0) throw new PlatformNotSupportedException("The system does not tell what children have used.");
        return ((usage[0] + usage[2]) * 1e3) + ((usage[1] + usage[3]) / 1e3);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Fraction;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, ref long usage);
}
