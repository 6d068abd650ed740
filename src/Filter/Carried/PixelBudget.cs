namespace Sternpost.Filter.Carried;

/// <summary>How many picture elements of one message are looked at: each costs some nanoseconds to decode and to search.</summary>
internal sealed class PixelBudget
{
    private long left = 8_000_000;

    /// <summary>False where a picture is more than is left; it is not to be decoded then.</summary>
    internal bool Spend(long pixels)
    {
        if (pixels > left) return false;
        left -= pixels;
        return true;
    }
}
