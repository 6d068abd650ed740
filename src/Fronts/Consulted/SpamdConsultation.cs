using System.Globalization;
using System.Text;
using Sternpost.Filter;

namespace Sternpost.Fronts.Consulted;

/// <summary>Asks a SpamAssassin daemon: SYMBOLS of the spamd protocol 1.5, the message with the trace line and envelope its rules look for.</summary>
internal sealed class SpamdConsultation : IConsultation
{
    private const int MaxReply = 64 * 1024;

    public async ValueTask<Opinion> AskAsync(ConsultedFilter filter, MessageUnderJudgement message, CancellationToken cancellation)
    {
        await using var stream = await filter.ConnectAsync(cancellation).ConfigureAwait(false);
        var trace = Encoding.UTF8.GetBytes(TraceLines.Of(message));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"SYMBOLS SPAMC/1.5\r\nContent-length: {trace.Length + message.Raw.Length}\r\n\r\n"), cancellation).ConfigureAwait(false);
        await stream.WriteAsync(trace, cancellation).ConfigureAwait(false);
        await stream.WriteAsync(message.Raw, cancellation).ConfigureAwait(false);
        var reply = new byte[MaxReply];
        var have = await stream.ReadAtLeastAsync(reply, MaxReply, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return Read(Encoding.ASCII.GetString(reply, 0, have));
    }

    /// <summary>Reads <c>Spam: True ; 15.3 / 5.0</c> and the symbols behind the header.</summary>
    internal static Opinion Read(string reply)
    {
        if (!reply.StartsWith("SPAMD/", StringComparison.Ordinal) || !reply.Split("\r\n")[0].Contains(" 0 ", StringComparison.Ordinal)) throw new IOException("spamd answered with an error");
        foreach (var line in reply.Split("\r\n"))
        {
            if (!line.StartsWith("Spam:", StringComparison.OrdinalIgnoreCase)) continue;
            var numbers = line[(line.IndexOf(';', StringComparison.Ordinal) + 1)..].Split('/');
            if (numbers.Length != 2 || !double.TryParse(numbers[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || !double.TryParse(numbers[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var required) || required <= 0) break;
            var end = reply.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var symbols = end < 0 ? "" : reply[(end + 4)..].Trim();
            return new Opinion(score / required, string.Create(CultureInfo.InvariantCulture, $"{score:0.0} of {required:0.0} points ({ConsultedJudge.Printable(symbols)})"));
        }
        throw new IOException("spamd's answer has no score");
    }
}
