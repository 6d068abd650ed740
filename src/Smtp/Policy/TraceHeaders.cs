using System.Globalization;
using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy;

/// <summary>The lines put before a message that was accepted.</summary>
internal static class TraceHeaders
{
    /// <summary>Received, and before it Authentication-Results where there are any (RFC 8601 §5: above what others added).</summary>
    /// <param name="host">This server.</param>
    /// <param name="hello">How the client named itself.</param>
    /// <param name="session">The connection.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="results">The resinfo of Authentication-Results, folded; empty for none.</param>
    internal static byte[] Build(DomainName host, HelloArgument hello, SessionFacts session, Envelope envelope, string results)
    {
        var lines = new StringBuilder(512);
        if (results.Length > 0) lines.Append("Authentication-Results: ").Append(host.Ascii).Append(";\r\n\t").Append(results).Append("\r\n");
        AppendReceived(lines, host, hello, session, envelope);
        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    // RFC 5321 §4.4: Time-stamp-line = "Received:" FWS Stamp.
    private static void AppendReceived(StringBuilder lines, DomainName host, HelloArgument hello, SessionFacts session, Envelope envelope)
    {
        // From-domain = "FROM" FWS Extended-Domain; what is no name would break the field's grammar, and the address says enough.
        lines.Append("Received: from ").Append(hello.IsWellFormed ? hello.Text : ClientAddress.Literal(session.ClientAddress)).Append(" (");
        if (session.ReverseName is not null) lines.Append(session.ReverseName.Ascii).Append(' ');
        lines.Append(ClientAddress.Literal(session.ClientAddress)).Append(")\r\n\tby ").Append(host.Ascii);
        lines.Append(" with ").Append(session.Protocol);
        if (session.TlsVersion is not null) lines.Append(" (").Append(session.TlsVersion).Append(')');
        lines.Append(" id ").Append(session.SessionId);
        // Naming one of several recipients would tell the others of it (RFC 5321 §7.2).
        if (envelope.Recipients is [var only]) lines.Append("\r\n\tfor <").Append(only.Address).Append('>');
        // RFC 8314 §7.4 registers the clause.
        if (session.TlsCipher is not null) lines.Append("\r\n\ttls ").Append(session.TlsCipher);
        lines.Append(";\r\n\t").Append(Date(session.ReceivedAt)).Append("\r\n");
    }

    /// <summary>date-time of RFC 5322 §3.3, in UTC.</summary>
    internal static string Date(DateTimeOffset time) =>
        time.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";
}
