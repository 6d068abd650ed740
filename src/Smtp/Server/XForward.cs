using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>
/// XFORWARD, Postfix's extension (XFORWARD_README): the server in front says whom it had the message from, so that the message is
/// judged by its real client. Only at the content filter's door, whose clients are the administrator's own.
/// </summary>
internal static class XForward
{
    private const string Unavailable = "[UNAVAILABLE]";
    private const string TemporarilyUnavailable = "[TEMPUNAVAIL]";

    internal static Reply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (session.Transaction is not null) return Replies.TransactionOpen;
        if (argument.IsEmpty) return Replies.XForwardSyntax;
        var client = session.Forwarded ?? new ForwardedClient();
        foreach (var range in argument.Split((byte)' '))
        {
            var word = argument[range];
            if (word.IsEmpty) continue;
            var equals = word.IndexOf((byte)'=');
            if (equals <= 0 || Read(client, Encoding.ASCII.GetString(word[..equals]).ToUpperInvariant(), word[(equals + 1)..]) is not { } next) return Replies.XForwardSyntax;
            client = next;
        }
        session.Forwarded = client;
        return Replies.Ok;
    }

    private static ForwardedClient? Read(ForwardedClient client, string name, ReadOnlySpan<byte> encoded)
    {
        if (!Xtext.TryDecode(encoded, out var value)) return null;
        var known = !value.Equals(Unavailable, StringComparison.OrdinalIgnoreCase) && !value.Equals(TemporarilyUnavailable, StringComparison.OrdinalIgnoreCase);
        switch (name)
        {
            case "NAME":
                // Postfix names a client without confirmed name "unknown", or says that there is none; what fails for a while proves nothing.
                var hasName = known && !value.Equals("unknown", StringComparison.OrdinalIgnoreCase);
                return client with { Name = hasName && DomainName.TryParse(value, out var host) ? host : null, HasNoName = !hasName && !value.Equals(TemporarilyUnavailable, StringComparison.OrdinalIgnoreCase) };
            case "ADDR":
                if (!known) return client with { Address = null };
                if (value.StartsWith("IPV6:", StringComparison.OrdinalIgnoreCase)) value = value[5..];
                if (!IPAddress.TryParse(value, out var address)) return null;
                return client with { Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address };
            case "HELO":
                return client with { Helo = known ? value : "" };
            case "PROTO":
                return client with { Protocol = known && value is "SMTP" or "ESMTP" ? value : "" };
            case "IDENT":
                return client with { Id = known ? value : "" };
            case "SOURCE":
                return client with { Source = known && value is "LOCAL" or "REMOTE" ? value : "" };
            case "PORT":
                return client;
            default:
                return null;
        }
    }
}
