using System.Diagnostics.Metrics;

namespace Sternpost.Smtp.Server;

/// <summary>What operators watch of the SMTP server.</summary>
internal static class SmtpMetrics
{
    private static readonly Meter Meter = new("Sternpost");

    private static readonly Counter<long> Messages = Meter.CreateCounter<long>("sternpost.smtp.messages", "{message}", "Messages whose last octet came, by door and outcome");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("sternpost.smtp.refusals", "{reply}", "Commands refused, by door, command and status");

    private static readonly Histogram<long> Size = Meter.CreateHistogram<long>("sternpost.smtp.message.size", "By", "Size of the messages accepted");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("sternpost.smtp.message.duration", "s", "From the last octet of a message to its reply");

    private static readonly Counter<long> SignIns = Meter.CreateCounter<long>("sternpost.smtp.authentications", "{attempt}", "Attempts to sign in, by mechanism and outcome");

    internal static void Message(string door, string outcome, long size, TimeSpan elapsed)
    {
        Messages.Add(1, new KeyValuePair<string, object?>("door", door), new KeyValuePair<string, object?>("outcome", outcome));
        if (outcome == "accepted") Size.Record(size);
        Duration.Record(elapsed.TotalSeconds);
    }

    internal static void Refusal(string door, string command, string status) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("door", door), new KeyValuePair<string, object?>("command", command), new KeyValuePair<string, object?>("status", status));

    internal static void SignIn(string mechanism, string outcome) =>
        SignIns.Add(1, new KeyValuePair<string, object?>("mechanism", mechanism), new KeyValuePair<string, object?>("outcome", outcome));
}
