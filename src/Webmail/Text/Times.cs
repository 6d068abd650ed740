using System.Globalization;
using Sternpost.Webmail.Browser;

namespace Sternpost.Webmail.Text;

/// <summary>Times as a reader wants them, by the user's clock.</summary>
public static class Times
{
    public static TimeSpan Zone(DateTimeOffset at) => TimeSpan.FromMinutes(Bridge.ZoneOffset(at.ToUnixTimeMilliseconds()));

    public static DateTimeOffset Local(DateTimeOffset at) => at.ToOffset(Zone(at));

    /// <summary>As short as it can be told: 14:05, Tue, 3 May, 3/5/2024.</summary>
    public static string Brief(DateTimeOffset at, DateTimeOffset now)
    {
        var (there, here) = (Local(at), Local(now));
        if (there.Date == here.Date) return there.ToString("HH:mm", CultureInfo.InvariantCulture);
        if (there.Year == here.Year) return there.ToString("d MMM", CultureInfo.InvariantCulture);
        return there.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>A time to come, as short as it can be told: 14:05, Tue 08:00, 3 May 08:00.</summary>
    public static string Soon(DateTimeOffset at, DateTimeOffset now)
    {
        var (there, here) = (Local(at), Local(now));
        return there.ToString(there.Date == here.Date ? "HH:mm" : there.Date < here.Date.AddDays(7) ? "ddd HH:mm" : there.Year == here.Year ? "d MMM HH:mm" : "d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>Whole: Tuesday 3 May 2026, 14:05.</summary>
    public static string Whole(DateTimeOffset at) => at == default ? "" : Local(at).ToString("dddd d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Octets as people say them.</summary>
    public static string Size(long octets) => octets switch
    {
        < 1000 => $"{octets} B",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1000.0:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1_000_000.0:0.0} MB"),
    };
}
