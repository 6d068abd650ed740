using System.Text.RegularExpressions;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Compose;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>How a list says that it is left (RFC 2369 §3.2). A message in the user's name goes before a page: nothing is opened, and nobody asks for a password.</summary>
/// <param name="MailTo">The mailto address, or null.</param>
/// <param name="Page">The https address, or null.</param>
public sealed partial record Unsubscription(string? MailTo, Uri? Page)
{
    public static Unsubscription? Of(ReceiverFields fields)
    {
        if (fields.Unsubscribe is null) return null;
        var addresses = Bracketed().Matches(fields.Unsubscribe).Select(match => match.Groups[1].Value.Trim()).ToList();
        var mailTo = addresses.Find(address => address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase));
        var page = addresses.Where(address => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)).Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null).FirstOrDefault(uri => uri is not null);
        return mailTo is null && page is null ? null : new Unsubscription(mailTo, page);
    }

    public void Ask(Desk desk)
    {
        if (MailTo is not null)
        {
            var message = Composition.FromMailto(MailTo);
            desk.Ask(Words.Now.UnsubscribeByMail(message.To), Words.Now.Unsubscribe, async () =>
            {
                if (message.Subject.Length == 0) message.Subject = "unsubscribe";
                if (message.Html.Length == 0) message.Html = "<div>unsubscribe</div>";
                await desk.Drafts.WriteAsync(message);
            });
        }
        else if (Page is not null) desk.Ask(Words.Now.UnsubscribeByPage(Page.Host), Words.Now.Unsubscribe, () =>
        {
            Bridge.OpenLink(Page.AbsoluteUri);
            return Task.CompletedTask;
        });
    }

    [GeneratedRegex("<([^<>]{1,2000})>", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
