using System.Globalization;
using Sternpost.Filter;

namespace Sternpost.Fronts.Consulted;

/// <summary>The lines that a server would have put before a message, for filters that read client and envelope from there.</summary>
internal static class TraceLines
{
    internal static string Of(MessageUnderJudgement message)
    {
        var session = message.Session;
        var path = $"Return-Path: <{message.Envelope.ReversePath}>\r\n";
        if (!message.ClientKnown) return path;
        var helo = string.Concat(session.Helo.Where(c => c is > ' ' and <= '~' and not ('(' or ')')));
        var date = session.ReceivedAt.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
        return path + $"Received: from {(helo.Length == 0 ? "unknown" : helo)} ({session.ReverseName?.Ascii ?? "unknown"} [{session.ClientAddress}])\r\n\tby localhost with {session.Protocol}; {date}\r\n";
    }
}
