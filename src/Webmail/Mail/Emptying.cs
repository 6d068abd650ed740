using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>Deleting all that lies in Trash or Junk, for good.</summary>
public static class Emptying
{
    public static Task AskAsync(Desk desk)
    {
        if (desk.Here is not { Role: "trash" or "junk" } folder) return Task.CompletedTask;
        desk.Overlay.Ask(Words.Now.EmptyQuestion(folder.Title, folder.Total), Words.Now.DeleteForGood, () => desk.TryAsync(async () =>
        {
            // In parts, as far as one /set goes, until nothing is left.
            while (true)
            {
                var found = (await desk.Connection.CallAsync("Email/query", new JsonObject { ["filter"] = new JsonObject { ["inMailbox"] = folder.Id }, ["limit"] = Actions.MostInSet })).Texts("ids");
                if (found.Count == 0) break;
                await desk.Actions.DestroyAsync(found);
            }
            await desk.RefreshAsync();
        }));
        return Task.CompletedTask;
    }
}
