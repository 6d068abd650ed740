using System.Globalization;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Compose;

/// <summary>Handing over what was written (RFC 8621 §7). The server keeps a message back for some seconds (RFC 4865), so that sending can be undone.</summary>
public sealed class Outbox(Desk desk)
{
    /// <summary>Hands the saved draft over.</summary>
    /// <param name="composition">What was written; its draft is on the server.</param>
    /// <param name="identity">Who writes.</param>
    /// <param name="hold">How long the server keeps it back.</param>
    /// <param name="until">What to tell of a later time; null for at once.</param>
    public async Task SendAsync(Composition composition, Identity identity, TimeSpan hold, string? until)
    {
        var (drafts, sent) = (desk.Mailboxes.OfRole("drafts")?.Id ?? "", desk.Mailboxes.OfRole("sent")?.Id ?? "");
        var recipients = new[] { composition.To, composition.Cc, composition.Bcc }.SelectMany(text => AddressList.Read(text).Addresses).Select(address => address.Email).Distinct(StringComparer.OrdinalIgnoreCase);
        var seconds = (long)Math.Min(hold.TotalSeconds, desk.Connection.MostDelay);
        var parameters = seconds > 0 ? new JsonObject { ["HOLDFOR"] = seconds.ToString(CultureInfo.InvariantCulture) } : null;
        var answer = JmapConnection.Checked((await desk.Connection.CallAsync(("EmailSubmission/set", new JsonObject
        {
            ["create"] = new JsonObject
            {
                ["s"] = new JsonObject
                {
                    ["emailId"] = composition.DraftId,
                    ["identityId"] = identity.Id,
                    ["envelope"] = new JsonObject
                    {
                        ["mailFrom"] = new JsonObject { ["email"] = identity.Email, ["parameters"] = parameters },
                        ["rcptTo"] = new JsonArray([.. recipients.Select(email => (JsonNode)new JsonObject { ["email"] = email })]),
                    },
                },
            },
            ["onSuccessUpdateEmail"] = new JsonObject { ["#s"] = new JsonObject { ["mailboxIds/" + drafts] = null, ["mailboxIds/" + sent] = true, ["keywords/$draft"] = null } },
        })))[0]);
        var submissionId = answer.GetProperty("created").GetProperty("s").Text("id")!;
        if (composition.About is { } about) await desk.TryAsync(() => desk.Connection.SetAsync("Email/set", new JsonObject { ["update"] = new JsonObject { [about.Email.Id] = new JsonObject { ["keywords/" + about.Keyword] = true } } }));
        desk.Notices.Say(until is not null ? Words.Now.SentAt(until) : seconds > 0 ? Words.Now.SentIn((int)seconds) : Words.Now.Sent, seconds > 0 ? () => TakeBackAsync(submissionId, composition, drafts) : null);
    }

    /// <summary>Makes and hands over a short message in one request; its copy lies in Sent.</summary>
    /// <param name="email">The email to make, in Drafts.</param>
    /// <param name="identity">Who writes.</param>
    /// <param name="to">To whom.</param>
    public async Task SendNowAsync(JsonObject email, Identity identity, IReadOnlyList<Address> to)
    {
        var (drafts, sent) = (desk.Mailboxes.OfRole("drafts")?.Id ?? "", desk.Mailboxes.OfRole("sent")?.Id ?? "");
        var answers = await desk.Connection.CallAsync(
            ("Email/set", new JsonObject { ["create"] = new JsonObject { ["d"] = email } }),
            ("EmailSubmission/set", new JsonObject
            {
                ["create"] = new JsonObject
                {
                    ["s"] = new JsonObject
                    {
                        ["emailId"] = "#d",
                        ["identityId"] = identity.Id,
                        ["envelope"] = new JsonObject
                        {
                            ["mailFrom"] = new JsonObject { ["email"] = identity.Email, ["parameters"] = null },
                            ["rcptTo"] = new JsonArray([.. to.Select(address => (JsonNode)new JsonObject { ["email"] = address.Email })]),
                        },
                    },
                },
                ["onSuccessUpdateEmail"] = new JsonObject { ["#s"] = new JsonObject { ["mailboxIds/" + drafts] = null, ["mailboxIds/" + sent] = true, ["keywords/$draft"] = null } },
            }));
        foreach (var answer in answers) JmapConnection.Checked(answer);
    }

    // RFC 8621 §7: undoStatus is set to canceled; then the message is a draft again.
    private async Task TakeBackAsync(string submissionId, Composition composition, string drafts)
    {
        try
        {
            await desk.Connection.SetAsync("EmailSubmission/set", new JsonObject { ["update"] = new JsonObject { [submissionId] = new JsonObject { ["undoStatus"] = "canceled" } } });
        }
        catch (JmapException trouble) when (trouble.Type == "cannotUnsend")
        {
            desk.Notices.Complain(Words.Now.TooLateToUndo);
            return;
        }
        var draftId = composition.DraftId!;
        await desk.Connection.SetAsync("Email/set", new JsonObject { ["update"] = new JsonObject { [draftId] = new JsonObject { ["mailboxIds"] = new JsonObject { [drafts] = true }, ["keywords/$draft"] = true, ["keywords/$seen"] = true } } });
        await desk.Drafts.ContinueAsync(draftId);
        desk.Notices.Say(Words.Now.SendStopped);
    }
}
