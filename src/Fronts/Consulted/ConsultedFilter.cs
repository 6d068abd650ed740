using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sternpost.Fronts.Consulted;

/// <summary>How a filter of another maker is asked.</summary>
public enum ConsultedKind
{
    /// <summary>SpamAssassin's daemon.</summary>
    Spamd,
    /// <summary>Rspamd by HTTP.</summary>
    Rspamd,
    /// <summary>Anything that is a milter.</summary>
    Milter,
    /// <summary>amavisd by its policy protocol (AM.PDP).</summary>
    Amavis,
}

/// <summary>A filter of another maker, and what its word counts: <c>spamd:127.0.0.1:783 2.0</c>, <c>milter:/run/x.sock 1.5</c>.</summary>
/// <param name="Kind">How it is asked.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Text">As it was written, without the weight.</param>
/// <param name="Weight">Log-odds of spam where it would just mark the message as spam; more where it is surer, less where it finds little.</param>
public sealed record ConsultedFilter(ConsultedKind Kind, EndPoint EndPoint, string Text, double Weight)
{
    /// <summary>Reads one.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ConsultedFilter? filter)
    {
        filter = null;
        var words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || !double.TryParse(words[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) || weight is <= 0 or > 20) return false;
        var colon = words[0].IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return false;
        ConsultedKind? kind = words[0][..colon] switch { "spamd" => ConsultedKind.Spamd, "rspamd" => ConsultedKind.Rspamd, "milter" => ConsultedKind.Milter, "amavis" => ConsultedKind.Amavis, _ => null };
        var place = words[0][(colon + 1)..];
        EndPoint? endPoint = place.StartsWith('/') ? new UnixDomainSocketEndPoint(place) : IPEndPoint.TryParse(place, out var address) && address.Port > 0 ? address : null;
        if (kind is null || endPoint is null || (kind == ConsultedKind.Rspamd && endPoint is UnixDomainSocketEndPoint)) return false;
        filter = new ConsultedFilter(kind.Value, endPoint, words[0], weight);
        return true;
    }

    internal async ValueTask<NetworkStream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = EndPoint is UnixDomainSocketEndPoint ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(EndPoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
