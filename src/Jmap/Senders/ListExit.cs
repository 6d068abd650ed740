using System.Text.RegularExpressions;
using MimeKit;
using Sternpost.Dns;
using Sternpost.Jmap.Content;
using Sternpost.MailAuth.Results;
using Sternpost.Messages.Lists;

namespace Sternpost.Jmap.Senders;

/// <summary>How the list that a message came by is left (RFC 2369 §3.2, RFC 8058).</summary>
/// <param name="OneClick">Where the server says so by itself; null where the message does not allow that.</param>
/// <param name="MailTo">The mailto address to write to, or null.</param>
/// <param name="Page">The page to open, or null.</param>
/// <param name="Subject">What the list is known by: its id, or else the author's address, lower case; empty where there is neither.</param>
internal sealed partial record ListExit(Uri? OneClick, string? MailTo, Uri? Page, string Subject)
{
    private const int MostAddresses = 10;

    /// <summary>Of a stored message.</summary>
    /// <param name="message">With the lines this server put before it.</param>
    /// <param name="host">This server.</param>
    internal static ListExit Of(ReadOnlyMemory<byte> message, DomainName host)
    {
        var headers = EmailDocument.Parse(message).Headers;
        var addresses = Bracketed().Matches(Field(headers, "List-Unsubscribe")).Select(match => match.Groups[1].Value.Trim()).Take(MostAddresses).ToList();
        var mailTo = addresses.Find(address => address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase));
        var page = addresses.Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 ? uri : null).FirstOrDefault(uri => uri is not null);
        // RFC 8058 §4: without a good signature over both fields anybody could have written them, and have the reader's server ask anything.
        var isOneClick = page is not null && Field(headers, "List-Unsubscribe-Post").Trim().Equals(OneClickPost.Body, StringComparison.OrdinalIgnoreCase)
            && VouchedFields.SignerOf(message, host, "List-Unsubscribe", "List-Unsubscribe-Post", "From") is not null;
        var list = ListId.Of(Field(headers, "List-Id"));
        return new ListExit(isOneClick ? page : null, mailTo, page, list.Length > 0 ? list : Author(headers));
    }

    private static string Author(IReadOnlyList<HeaderLine> headers) =>
        InternetAddressList.TryParse(Field(headers, "From"), out var authors) && authors.Mailboxes.FirstOrDefault()?.Address is { } address ? address.ToLowerInvariant() : "";

    private static string Field(IReadOnlyList<HeaderLine> headers, string name) => headers.FirstOrDefault(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Unfolded ?? "";

    [GeneratedRegex("<([^<>]{1,2000})>", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
