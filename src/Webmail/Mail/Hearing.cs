using System.Globalization;
using Sternpost.Webmail.Compose;

namespace Sternpost.Webmail.Mail;

/// <summary>What the page tells, by its kind, and to whom it goes.</summary>
internal sealed class Hearing(Desk desk)
{
    public void Hear(string kind, string about)
    {
        switch (kind)
        {
            case "key": _ = new KeyBoard(desk).PressAsync(about); break;
            case "scroll": desk.Scroll(); break;
            case "resize": desk.Draw(); break;
            case "push" when about.Contains("\"Label\"", StringComparison.Ordinal): _ = desk.RelabelAsync(); break;
            case "push": _ = desk.RefreshAsync(); break;
            // What came between the first list and the first event, or while there was no line, was told to nobody.
            case "online" when desk.Stage == Stage.Working: _ = desk.RefreshAsync(); break;
            // The stream of events broke off: the session may have ended, or the line.
            case "offline" when desk.Stage == Stage.Working: _ = desk.TryAsync(async () => await desk.Mailboxes.LoadAsync(desk.Connection)); break;
            case "place" when desk.Stage == Stage.Working: _ = desk.ShowAsync(Place.Parse(about), replace: true); break;
            case "target": Point(about); break;
            case "stopped": desk.Overlay.Stop(about); break;
            case "mailto": _ = desk.Drafts.WriteAsync(Composition.FromMailto(about)); break;
            case "frame" when about.Split(' ') is [var frame, var count]: desk.Shown(frame, Number(count)); break;
            case "near": _ = desk.Lookahead.NearAsync(Number(about)); break;
            case "edited": desk.Drafts.Edited(); break;
            case "files": desk.Drafts.Attach(about); break;
            case "progress" when about.Split(' ') is [var file, var percent]: desk.Drafts.Progress(file, Number(percent)); break;
        }
    }

    private void Point(string target)
    {
        desk.Target = target;
        desk.Draw();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
