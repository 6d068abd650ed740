using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Compose;

/// <summary>The message that is being written, saved on the server as it is written, so that no browser's death loses it.</summary>
public sealed class DraftStore
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1.5);
    private readonly Desk desk;
    private readonly Outbox outbox;
    private Task turn = Task.CompletedTask;
    private int edits;

    // What could not be saved when the session ended, and whose it is.
    private (string UserName, Composition Composition)? aside;

    public DraftStore(Desk desk)
    {
        this.desk = desk;
        outbox = new Outbox(desk);
    }

    public Composition? Current { get; private set; }

    public IReadOnlyList<Identity> Identities { get; private set; } = [];

    /// <summary>Seconds that a message waits after Send; 0 for none.</summary>
    public int UndoSeconds { get; set; } = int.TryParse(Bridge.Recall("undo"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 10;

    public Identity? Chosen => Picked is { } picked && Current?.MaskedFrom is { } masked ? picked with { Email = masked, ReplyTo = [] } : Picked;

    private Identity? Picked => Identities.FirstOrDefault(identity => identity.Id == Current?.IdentityId) ?? (Identities.Count > 0 ? Identities[0] : null);

    public async Task LoadIdentitiesAsync() =>
        Identities = [.. (await desk.Connection.CallAsync("Identity/get", [])).Items("list").Select(Identity.Read)];

    public async Task WriteAsync(Composition composition)
    {
        if (!await desk.TryAsync(Bridge.LoadWritingAsync)) return;
        if (!await CloseAsync()) return;
        if (Identities.Count == 0) await desk.TryAsync(LoadIdentitiesAsync);
        composition.IdentityId ??= Identities.Count > 0 ? Identities[0].Id : null;
        if (composition is { DraftId: null, IsBegun: false } && Identities.FirstOrDefault(identity => identity.Id == composition.IdentityId) is { Signature.Length: > 0 } signed)
            composition.Html = "<div><br></div><div class=\"sternpost-signature\"><div>-- </div>" + Composition.Lines(signed.Signature) + "</div>" + composition.Html;
        composition.IsBegun = true;
        Current = composition;
        desk.Draw();
        Bridge.Focus(composition.To.Length == 0 ? "#to" : "#editor");
    }

    public async Task ReplyAsync(Message message, bool toAll)
    {
        if (!await desk.TryAsync(Bridge.LoadWritingAsync)) return;
        var own = Identities.Select(identity => identity.Email).Append(desk.Connection.UserName).Concat(desk.Masked.All.Select(masked => masked.Email)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var isOwn = message.Email.From.Count > 0 && own.Contains(message.Email.From[0].Email);
        // An answer to oneself goes on to whom one wrote.
        var to = isOwn ? message.Email.To : message.ReplyTo.Count > 0 ? message.ReplyTo : message.Email.From;
        var cc = toAll && !isOwn ? message.Email.To.Concat(message.Cc).Where(address => !own.Contains(address.Email) && !to.Any(first => string.Equals(first.Email, address.Email, StringComparison.OrdinalIgnoreCase))).ToList() : toAll ? [.. message.Cc] : [];
        var quotation = await QuotationAsync(message);
        var composition = new Composition
        {
            To = AddressList.Write(to),
            Cc = AddressList.Write(cc),
            ShowsCc = cc.Count > 0,
            Subject = Prefixed("Re: ", message.Email.Subject),
            Html = "<div><br></div><div>" + System.Net.WebUtility.HtmlEncode(Words.Now.WroteOn(message.Email.From.Count > 0 ? message.Email.From[0].Shown : Words.Now.NoSenderName, Times.Whole(message.Email.ReceivedAt))) + "</div><blockquote class=\"sternpost-quote\">" + quotation.Html + "</blockquote>",
            InReplyTo = message.MessageId,
            References = [.. message.References.Concat(message.MessageId).TakeLast(30)],
            IdentityId = Identities.FirstOrDefault(identity => message.Email.To.Concat(message.Cc).Any(address => string.Equals(address.Email, identity.Email, StringComparison.OrdinalIgnoreCase)))?.Id,
            // Who knows a masked address alone is to learn no other.
            MaskedFrom = desk.Masked.Find(message.Fields.Masked) is { IsEnabled: true } masked ? masked.Email : null,
            About = (message.Email, "$answered"),
        };
        composition.Files.AddRange(quotation.Pictures);
        await WriteAsync(composition);
    }

    public async Task ForwardAsync(Message message)
    {
        if (!await desk.TryAsync(Bridge.LoadWritingAsync)) return;
        var heading = $"---------- {Words.Now.ForwardedMessage} ----------\n{Words.Now.From}: {AddressList.Write(message.Email.From)}\n{Words.Now.Date}: {Times.Whole(message.Email.ReceivedAt)}\n{Words.Now.Subject}: {message.Email.Subject}\n{Words.Now.To}: {AddressList.Write(message.Email.To)}\n\n";
        var quotation = await QuotationAsync(message);
        var composition = new Composition { Subject = Prefixed("Fwd: ", message.Email.Subject), Html = "<div><br></div>" + Composition.Lines(heading) + "<div><br></div>" + quotation.Html, About = (message.Email, "$forwarded") };
        composition.Files.AddRange(quotation.Pictures);
        foreach (var file in message.Attachments.Where(file => !quotation.Pictures.Any(picture => picture.BlobId == file.BlobId))) composition.Files.Add(new AttachedFile("m" + file.BlobId, file.Name.Length > 0 ? file.Name : "file", file.Type, file.Size) { BlobId = file.BlobId, Percent = 100 });
        await WriteAsync(composition);
    }

    /// <summary>Opens a draft of the server.</summary>
    public async Task ContinueAsync(string emailId)
    {
        await desk.TryAsync(async () =>
        {
            var answer = await desk.Connection.CallAsync("Email/get", new JsonObject
            {
                ["ids"] = new JsonArray(emailId),
                ["properties"] = ConversationList.Texts(["threadId", "from", "to", "cc", "bcc", "subject", "inReplyTo", "references", "textBody", "htmlBody", "bodyValues", "attachments"]),
                ["fetchTextBodyValues"] = true,
                ["fetchHTMLBodyValues"] = true,
            });
            if (answer.Items("list").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } json) return;
            var from = Address.Read(json, "from");
            var (cc, bcc) = (Address.Read(json, "cc"), Address.Read(json, "bcc"));
            var composition = new Composition
            {
                DraftId = emailId,
                To = AddressList.Write(Address.Read(json, "to")),
                Cc = AddressList.Write(cc),
                Bcc = AddressList.Write(bcc),
                ShowsCc = cc.Count + bcc.Count > 0,
                Subject = json.Text("subject") ?? "",
                InReplyTo = json.Texts("inReplyTo"),
                References = json.Texts("references"),
                IdentityId = Identities.FirstOrDefault(identity => from.Count > 0 && string.Equals(identity.Email, from[0].Email, StringComparison.OrdinalIgnoreCase))?.Id,
                MaskedFrom = from.Count > 0 ? desk.Masked.Find(from[0].Email)?.Email : null,
                Html = Value(json, "htmlBody", "text/html") ?? Composition.Lines(Value(json, "textBody", "text/plain") ?? ""),
                State = SaveState.Saved,
            };
            AddFiles(composition, json);
            await WriteAsync(composition);
        });
    }

    /// <summary>Something was typed.</summary>
    public void Edited()
    {
        if (Current is not { } composition) return;
        composition.State = SaveState.Edited;
        composition.Problem = null;
        _ = SaveSoonAsync(composition, ++edits);
    }

    /// <summary>Puts it away; what was written is in Drafts. False where it could not be saved, so that it stays open.</summary>
    public async Task<bool> CloseAsync()
    {
        if (!await SettleAsync()) return false;
        Drop();
        desk.Draw();
        return true;
    }

    /// <summary>Has all of it saved, to the last letter. False where that cannot be done, which the user is told.</summary>
    public async Task<bool> SettleAsync()
    {
        if (Current is not { } composition) return true;
        await turn;
        while (composition == Current && composition.State is SaveState.Edited or SaveState.Failed)
        {
            if (await SaveAsync(composition)) continue;
            // Where the session has ended with it, it was set aside.
            if (composition == Current) desk.Notices.Complain(Words.Now.DraftStaysOpen);
            return false;
        }
        return true;
    }

    /// <summary>Takes over what is in the editor, before it goes.</summary>
    public void Keep()
    {
        if (Current is { } composition && Bridge.EditorHtml() is { } html) composition.Html = html;
    }

    /// <summary>The window in which it is written failed: what was written is saved, and the window goes.</summary>
    public async Task LeaveAsync()
    {
        var composition = Current;
        if (await CloseAsync()) desk.Notices.Complain(composition?.DraftId is null ? Words.Now.PartFailed : Words.Now.WritingFailed);
    }

    /// <summary>The session has ended: what could not be saved is kept for the next of the same user.</summary>
    public void SetAside(string userName)
    {
        Keep();
        var composition = Current;
        Drop();
        // What was to be sent among it: sending begins with saving.
        if (composition is not { State: SaveState.Edited or SaveState.Saving or SaveState.Failed }) return;
        composition.Files.RemoveAll(file => file.BlobId is null);
        composition.State = SaveState.Edited;
        aside = (userName, composition);
    }

    /// <summary>Goes on with what was set aside.</summary>
    public async Task ResumeAsync()
    {
        if (aside is not var (userName, composition)) return;
        aside = null;
        if (userName == desk.Connection.UserName) await WriteAsync(composition);
    }

    /// <summary>Leaves it without saving.</summary>
    public void Drop()
    {
        foreach (var file in Current?.Files.Where(file => file.BlobId is null) ?? []) Bridge.CancelUpload(file.Id);
        Current = null;
    }

    public async Task DiscardAsync()
    {
        if (Current is not { } composition) return;
        Drop();
        desk.Draw();
        var mine = await TurnAsync();
        try
        {
            if (composition.DraftId is { } draftId) await desk.TryAsync(() => desk.Connection.SetAsync("Email/set", new JsonObject { ["destroy"] = new JsonArray(draftId) }));
        }
        finally
        {
            mine.SetResult();
        }
        desk.Notices.Say(Words.Now.Discarded);
    }

    /// <summary>Sends it, at once or at a time.</summary>
    /// <param name="at">When; null for now.</param>
    /// <param name="isSure">Whether the user was asked about what may have been forgotten.</param>
    public async Task SendAsync(DateTimeOffset? at = null, bool isSure = false)
    {
        if (Current is not { IsSending: false } composition || Chosen is not { } identity) return;
        composition.Problem = Problem(composition);
        if (composition.Problem is not null)
        {
            desk.Draw();
            return;
        }
        if (!isSure && Doubt(composition) is { } doubt)
        {
            desk.Overlay.Ask(doubt, Words.Now.SendAnyway, () => SendAsync(at, isSure: true));
            return;
        }
        composition.IsSending = true;
        desk.Draw();
        try
        {
            composition.State = SaveState.Edited;
            if (!await SaveAsync(composition)) return;
            var hold = at is { } time ? time - DateTimeOffset.UtcNow : TimeSpan.FromSeconds(UndoSeconds);
            if (await desk.TryAsync(() => outbox.SendAsync(composition, identity, hold, at is { } then ? Times.Whole(then) : null)))
            {
                Current = null;
                await desk.RefreshAsync();
            }
        }
        finally
        {
            composition.IsSending = false;
            desk.Draw();
        }
    }

    /// <summary>Begins to upload what was chosen, dropped or pasted.</summary>
    public void Attach(string chosen)
    {
        if (Current is not { } composition) return;
        using var json = JsonDocument.Parse(chosen);
        foreach (var item in json.RootElement.EnumerateArray())
        {
            var file = new AttachedFile(item.Text("id")!, item.Text("name") ?? "file", item.Text("type") ?? "application/octet-stream", item.Number("size")) { ContentId = item.Text("cid") };
            if (file.Size > desk.Connection.MostUpload)
            {
                composition.Problem = Words.Now.FileTooLarge(file.Name, Times.Size(desk.Connection.MostUpload));
                TakeOut(file);
                continue;
            }
            composition.Files.Add(file);
            _ = UploadAsync(composition, file);
        }
        desk.Draw();
    }

    public void Progress(string fileId, int percent)
    {
        if (Current?.Files.Find(file => file.Id == fileId) is not { } file || file.Percent == percent) return;
        file.Percent = percent;
        desk.Draw();
    }

    public void Remove(AttachedFile file)
    {
        if (Current is not { } composition || !composition.Files.Remove(file)) return;
        if (file.BlobId is null) Bridge.CancelUpload(file.Id);
        Edited();
        desk.Draw();
    }

    private async Task UploadAsync(Composition composition, AttachedFile file)
    {
        var (status, body) = JmapConnection.Split(await Bridge.Upload(file.Id, desk.Connection.UploadUrl));
        if (status == 201)
        {
            using var json = JsonDocument.Parse(body);
            file.BlobId = json.RootElement.Text("blobId");
            file.Percent = 100;
            if (composition == Current) Edited();
        }
        else if (composition.Files.Remove(file))
        {
            TakeOut(file);
            composition.Problem = status == 413 ? Words.Now.FileTooLarge(file.Name, Times.Size(desk.Connection.MostUpload)) : Words.Now.UploadFailed(file.Name);
        }
        desk.Draw();
    }

    // A picture that the server does not have is not shown either.
    private static void TakeOut(AttachedFile file)
    {
        if (file.ContentId is not null) Bridge.RemovePicture(file.ContentId);
    }

    private async Task SaveSoonAsync(Composition composition, int edit)
    {
        desk.Draw();
        await Task.Delay(Rest);
        if (edit == edits && composition == Current && !composition.IsSending) await SaveAsync(composition);
    }

    // One at a time: each makes the new draft and unmakes the one before, in one request.
    private async Task<bool> SaveAsync(Composition composition)
    {
        if (composition.State is not (SaveState.Edited or SaveState.Failed) || composition != Current || Chosen is not { } identity) return composition.State == SaveState.Saved;
        var mine = await TurnAsync();
        try
        {
            composition.State = SaveState.Saving;
            desk.Draw();
            var edit = edits;
            Keep();
            var (html, text) = (composition.Html, Bridge.TextOf(composition.Html));
            var arguments = new JsonObject { ["create"] = new JsonObject { ["d"] = DraftMail.ToJson(composition, identity.Address, html, text, desk.Mailboxes.OfRole("drafts")?.Id ?? "") } };
            if (composition.DraftId is { } before) arguments["destroy"] = new JsonArray(before);
            var answer = await desk.Connection.CallAsync("Email/set", arguments);
            if (!answer.Member("created", out var created) || !created.TryGetProperty("d", out var draft)) JmapConnection.Checked(answer);
            else composition.DraftId = draft.Text("id");
            if (composition.Files.Any(file => file.BlobId is not null)) await ReadFilesAsync(composition);
            if (edit == edits)
            {
                composition.State = SaveState.Saved;
                Bridge.MarkSaved();
            }
            else composition.State = SaveState.Edited;
            composition.SavedAt = DateTimeOffset.UtcNow;
            return true;
        }
        catch (JmapException trouble)
        {
            composition.State = SaveState.Failed;
            desk.Meet(trouble);
            return false;
        }
        finally
        {
            mine.SetResult();
            desk.Draw();
        }
    }

    // Answers when all that was begun before has ended; who gets it ends it.
    private async Task<TaskCompletionSource> TurnAsync()
    {
        var (before, mine) = (turn, new TaskCompletionSource());
        turn = mine.Task;
        await before;
        return mine;
    }

    // The files are parts of the new draft now; where they were before goes with the draft before.
    private async Task ReadFilesAsync(Composition composition)
    {
        var answer = await desk.Connection.CallAsync("Email/get", new JsonObject { ["ids"] = new JsonArray(composition.DraftId!), ["properties"] = new JsonArray("attachments") });
        var parts = answer.Items("list").SelectMany(email => email.Items("attachments")).ToLookup(part => part.Text("cid"));
        // Pictures are known by their content ids; files beside the text stand in their order.
        foreach (var picture in composition.Files.Where(file => file.ContentId is not null && file.BlobId is not null))
        {
            if (parts[picture.ContentId].FirstOrDefault() is { ValueKind: JsonValueKind.Object } part) picture.BlobId = part.Text("blobId");
        }
        foreach (var (file, part) in composition.Attached.Where(file => file.BlobId is not null).Zip(parts[null])) file.BlobId = part.Text("blobId");
    }

    private static void AddFiles(Composition composition, JsonElement json)
    {
        foreach (var part in json.Items("attachments"))
        {
            var picture = part.Text("disposition") == "inline" && (part.Text("type") ?? "").StartsWith("image/", StringComparison.Ordinal) ? part.Text("cid") : null;
            // One that is nowhere in the text was taken out of it.
            if (picture is not null && !DraftMail.Shows(composition.Html, picture)) continue;
            composition.Files.Add(new AttachedFile("m" + part.Text("blobId"), part.Text("name") ?? "file", part.Text("type") ?? "application/octet-stream", part.Number("size")) { BlobId = part.Text("blobId"), Percent = 100, ContentId = picture });
        }
    }

    private static string? Problem(Composition composition)
    {
        var read = new[] { composition.To, composition.Cc, composition.Bcc }.Select(AddressList.Read).ToList();
        if (read.Select(each => each.Bad).FirstOrDefault(bad => bad is not null) is { } bad) return Words.Now.BadAddress(bad);
        if (read.All(each => each.Addresses.Count == 0)) return Words.Now.NobodyToSendTo;
        return composition.Files.Exists(file => file.BlobId is null) ? Words.Now.StillUploading : null;
    }

    private static string? Doubt(Composition composition)
    {
        if (composition.Subject.Trim().Length == 0) return Words.Now.NoSubjectQuestion;
        if (composition.Attached.Any()) return null;
        // Of what is quoted nothing counts.
        var own = Bridge.TextOf(Bridge.EditorHtml() ?? composition.Html).Split('\n').Where(line => !line.StartsWith('>'));
        return own.Any(line => line.Contains("attach", StringComparison.OrdinalIgnoreCase)) ? Words.Now.ForgottenAttachment : null;
    }

    private async Task<Quotation> QuotationAsync(Message message) => await Quotation.OfAsync(message, desk.Connection) ?? new Quotation(Composition.Lines(await TextAsync(message)), []);

    private async Task<string> TextAsync(Message message)
    {
        var text = "";
        await desk.TryAsync(async () =>
        {
            var answer = await desk.Connection.CallAsync("Email/get", new JsonObject { ["ids"] = new JsonArray(message.Id), ["properties"] = new JsonArray("textBody", "bodyValues"), ["fetchTextBodyValues"] = true, ["maxBodyValueBytes"] = 256 * 1024 });
            if (answer.Items("list").FirstOrDefault() is { ValueKind: JsonValueKind.Object } json) text = Value(json, "textBody", "text/plain") ?? message.Email.Preview;
        });
        return text;
    }

    private static string? Value(JsonElement email, string list, string type)
    {
        var parts = email.Items(list).Where(part => part.Text("type") == type).Select(part => part.Text("partId")).ToList();
        if (parts.Count == 0 || !email.Member("bodyValues", out var values)) return null;
        return string.Join('\n', parts.Select(part => part is not null && values.TryGetProperty(part, out var value) ? value.Text("value") ?? "" : ""));
    }

    private static string Prefixed(string prefix, string subject) => subject.StartsWith(prefix.Trim(), StringComparison.OrdinalIgnoreCase) ? subject : prefix + subject;
}
