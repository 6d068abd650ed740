using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>
/// XORIGIN, of this server alone: what a program that hands over mail says of itself, as name and xtext. Offered to programs of this computer
/// and to web sites; the trace shows it as said.
/// </summary>
internal static class Origin
{
    private const int MaxClaims = 16;

    internal static bool IsOffered(SmtpSession session) => session.Connection.Peer is not null || session.Account?.Site is not null;

    internal static Reply Run(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!IsOffered(session)) return Replies.UnknownCommand;
        if (session.Transaction is not null) return Replies.TransactionOpen;
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        // The parameters of MAIL begin with the space that sets them apart.
        var parameters = new EsmtpParameters((byte[])[(byte)' ', .. argument.Span]);
        while (parameters.TryNext())
        {
            if (claims.Count == MaxClaims) return Replies.ParameterSyntax;
            // What cannot be shown is left out.
            if (Xtext.TryDecode(parameters.Value, out var value)) claims[System.Text.Encoding.ASCII.GetString(parameters.Keyword).ToLowerInvariant()] = value;
        }
        if (parameters.Malformed) return Replies.ParameterSyntax;
        session.Claims = claims;
        return Replies.Ok;
    }
}
