using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Compose;

namespace Sternpost.Webmail.Mail;

/// <summary>What keys do; they are those of Gmail.</summary>
public sealed class KeyBoard(Desk desk)
{
    public async Task PressAsync(string key)
    {
        if (key is "Escape" or "Escape search")
        {
            await EscapeAsync(key == "Escape search");
            return;
        }
        if (desk.Stage != Stage.Working) return;
        if (desk.Drafts.Current is not null)
        {
            // While something is written, keys are for that.
            if (key == "send") await desk.Drafts.SendAsync();
            return;
        }
        if (desk.Place.IsPage && key[0] is not ('g' or '/' or '?' or 'c')) return;
        var reading = desk.Reading.Messages.Count > 0 && desk.Place.ThreadId is not null ? desk.Reading.Messages[^1] : null;
        switch (key)
        {
            case "j" or "n" or "ArrowDown": await desk.StepAsync(1); break;
            case "k" or "p" or "ArrowUp": await desk.StepAsync(-1); break;
            case "o" or "Enter" when desk.Place.ThreadId is null && desk.List[desk.Cursor] is { } row: await desk.OpenAsync(row); break;
            case "u": await desk.BackAsync(); break;
            case "e": await desk.Actions.ArchiveAsync(desk.Acted()); break;
            case "#" or "Delete": await desk.Actions.DeleteAsync(desk.Acted()); break;
            case "!": await desk.Actions.JunkAsync(desk.Acted()); break;
            case "s": await desk.Actions.StarAsync(desk.Acted()); break;
            case "I": await desk.Actions.ReadAsync(desk.Acted(), read: true); break;
            case "U": await desk.Actions.ReadAsync(desk.Acted(), read: false); break;
            case "v" when desk.Acted().Count > 0: desk.Overlay.Open(Sheet.Move); break;
            case "b" when desk.MaySnooze && desk.Acted().Count > 0: desk.Overlay.Open(Sheet.Snooze); break;
            case "l" when desk.Acted().Count > 0: desk.Overlay.Open(Sheet.Label); break;
            case "z": await desk.UndoAsync(); break;
            case "x" when desk.List[desk.Cursor] is { } row: desk.Select(row, !desk.Selection.Contains(row.ThreadId)); break;
            case "* a": desk.Select(_ => true); break;
            case "* n": desk.Select(_ => false); break;
            case "* u": desk.Select(row => row.IsUnread); break;
            case "* r": desk.Select(row => !row.IsUnread); break;
            case "c": await desk.Drafts.WriteAsync(new Composition()); break;
            case "r" when reading is not null: await desk.Drafts.ReplyAsync(reading, toAll: false); break;
            case "a" when reading is not null: await desk.Drafts.ReplyAsync(reading, toAll: true); break;
            case "f" when reading is not null: await desk.Drafts.ForwardAsync(reading); break;
            case "/": Bridge.Focus("#search"); break;
            case "?": desk.Overlay.Open(Sheet.Keys); break;
            case "g i": await desk.GoAsync("inbox"); break;
            case "g t": await desk.GoAsync("sent"); break;
            case "g d": await desk.GoAsync("drafts"); break;
            case "g a": await desk.GoAsync("archive"); break;
            case "g k": await desk.GoAsync("trash"); break;
            case "g c": await desk.ShowAsync(Place.Parse("/contacts")); break;
            case "g s": await desk.SearchAsync("is:starred"); break;
        }
    }

    private async Task EscapeAsync(bool inSearch)
    {
        if (desk.Overlay.Sheet != Sheet.None) desk.Overlay.Close();
        else if (inSearch) Bridge.Focus(desk.List.Count > 0 ? "#list .row.is-cursor a" : "#list");
        else if (desk.IsMenuOpen)
        {
            desk.IsMenuOpen = false;
            desk.Draw();
        }
        else if (desk.Drafts.Current is not null) await desk.Drafts.CloseAsync();
        else if (desk.Selection.Count > 0) desk.Select(_ => false);
        else if (desk.Place.ThreadId is not null) await desk.BackAsync();
    }
}
