using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Compose;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>
/// How the list that a message came by is left (RFC 2369 §3.2): by one request of the server where the message allows that (RFC 8058), by a message in
/// the user's name, or on a page. What was left is remembered, and what still comes goes to Junk.
/// </summary>
/// <param name="Message">The message.</param>
/// <param name="Subject">What the list is known by, as the server knows it.</param>
public sealed partial record Unsubscription(Message Message, string Subject)
{
    public static Unsubscription? Of(Message message)
    {
        if (message.Fields.Unsubscribe is not { } field || !Bracketed().IsMatch(field)) return null;
        var list = message.Fields.ListId is { } id && Bracketed().Matches(id).LastOrDefault() is { } match ? match.Groups[1].Value.Trim() : message.Email.From is [var author, ..] ? author.Email : "";
        return new Unsubscription(message, list.ToLowerInvariant());
    }

    public bool IsLeft(Senders senders) => Subject.Length > 0 && senders.Has(SenderRule.ListLeft, Subject);

    private string Name => Message.Email.From is [var author, ..] ? author.Shown : Subject;

    /// <summary>Asks the server for the way, and the user whether to go it.</summary>
    public Task AskAsync(Desk desk) => desk.TryAsync(async () => Offer(desk, await CallAsync(desk, isSure: false)));

    private void Offer(Desk desk, JsonElement way, string? problem = null)
    {
        var before = problem is null ? "" : problem + " ";
        if (problem is null && way.Text("oneClickHost") is { } host) desk.Overlay.Ask(Words.Now.UnsubscribeOneClick(Name, host), Words.Now.Unsubscribe, () => desk.TryAsync(() => LeaveAsync(desk)));
        else if (way.Text("mailTo") is { } mailTo && Composition.FromMailto(mailTo) is { To.Length: > 0 } letter) desk.Overlay.Ask(before + Words.Now.UnsubscribeByMail(Name, letter.To), Words.Now.Unsubscribe, () => desk.TryAsync(() => WriteAsync(desk, letter)));
        else if (way.Text("page") is { } page && Uri.TryCreate(page, UriKind.Absolute, out var address)) desk.Overlay.Ask(before + Words.Now.UnsubscribeByPage(address.Host), Words.Now.Unsubscribe, () =>
        {
            Bridge.OpenLink(address.AbsoluteUri);
            return Task.CompletedTask;
        });
        else desk.Notices.Complain(before + Words.Now.UnsubscribeNoWay);
    }

    private async Task LeaveAsync(Desk desk)
    {
        var answer = await CallAsync(desk, isSure: true);
        if (!answer.Flag("isLeft"))
        {
            Offer(desk, answer, answer.Text("problem") ?? Words.Now.SomethingFailed);
            return;
        }
        if (!answer.Member("rule", out var rule)) desk.Notices.Say(Words.Now.ListLeft(Name));
        else Remember(desk, SenderRule.Read(rule));
    }

    // Written and sent at once; the copy in Sent says that it was.
    private async Task WriteAsync(Desk desk, Composition letter)
    {
        if (desk.Drafts.Identities.Count == 0) await desk.Drafts.LoadIdentitiesAsync();
        // From the address that the list writes to, where that is one of the user's.
        var to = Message.Email.To.Concat(Message.Cc).Select(address => address.Email).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if ((desk.Drafts.Identities.FirstOrDefault(identity => to.Contains(identity.Email)) ?? (desk.Drafts.Identities.Count > 0 ? desk.Drafts.Identities[0] : null)) is not { } author) return;
        if (letter.Subject.Length == 0) letter.Subject = "unsubscribe";
        if (letter.Html.Length > 0) await Bridge.LoadWritingAsync();
        var text = letter.Html.Length > 0 ? Bridge.TextOf(letter.Html) : "unsubscribe";
        await new Outbox(desk).SendNowAsync(DraftMail.ToJson(letter, author.Address, "", text, desk.Mailboxes.OfRole("drafts")?.Id ?? ""), author, [.. AddressList.Read(letter.To).Addresses, .. AddressList.Read(letter.Cc).Addresses]);
        if (Subject.Length > 0) Remember(desk, await desk.Senders.AddAsync(SenderRule.ListLeft, Subject, Name));
    }

    private void Remember(Desk desk, SenderRule rule)
    {
        desk.Senders.Keep(rule);
        desk.Notices.Say(Words.Now.ListLeft(Name), async () =>
        {
            if (await desk.TryAsync(() => desk.Senders.RemoveAsync(rule))) desk.Notices.Say(Words.Now.ListAllowed(Name));
        });
    }

    private Task<JsonElement> CallAsync(Desk desk, bool isSure) => desk.Connection.CallAsync("SenderRule/leaveList", new JsonObject { ["emailId"] = Message.Id, ["name"] = Name, ["isSure"] = isSure });

    [GeneratedRegex("<([^<>]{1,2000})>", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
