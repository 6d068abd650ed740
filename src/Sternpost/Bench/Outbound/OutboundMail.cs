using System.Globalization;

namespace Sternpost.Bench.Outbound;

/// <summary>How a destination treats mail.</summary>
internal enum SinkManner
{
    /// <summary>Takes everything.</summary>
    Accept,
    /// <summary>Refuses every recipient for good.</summary>
    Refuse,
    /// <summary>Puts off each recipient once.</summary>
    Defer,
    /// <summary>Never answers the first message it was sent.</summary>
    Hang,
    /// <summary>Hangs up in the middle of the first two messages.</summary>
    Close,
}

/// <summary>
/// Which message goes where. Everything is in the addresses, so that the sink needs no list: message 7 goes to
/// <c>m7@d3.defer.bench.test</c> and comes from <c>b7@origin.bench.test</c>, where its bounce goes.
/// </summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Destinations">How many domains they go to, in turn.</param>
/// <param name="Trouble">How many domains in a hundred refuse, defer, hang or close, a fourth of them each.</param>
internal sealed record OutboundMail(int Messages, int Destinations, int Trouble)
{
    /// <summary>What all names of the measurement end in.</summary>
    public const string Zone = "bench.test";

    public string Recipient(int message)
    {
        var domain = message % Destinations;
        return string.Create(CultureInfo.InvariantCulture, $"m{message}@d{domain}.{MannerOf(domain).ToString().ToLowerInvariant()}.{Zone}");
    }

    public static string Sender(int message) => string.Create(CultureInfo.InvariantCulture, $"b{message}@origin.{Zone}");

    /// <summary>Messages that end in a bounce.</summary>
    public int Refused => Enumerable.Range(0, Messages).Count(message => MannerOf(message % Destinations) == SinkManner.Refuse);

    private SinkManner MannerOf(int domain)
    {
        // Spread evenly: 37 has no factor in common with 100.
        var place = domain * 37 % 100;
        return place >= Trouble ? SinkManner.Accept : (place % 4) switch { 0 => SinkManner.Refuse, 1 => SinkManner.Defer, 2 => SinkManner.Hang, _ => SinkManner.Close };
    }
}
