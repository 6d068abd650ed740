using System.Runtime.InteropServices.JavaScript;

namespace Sternpost.Webmail.Browser;

/// <summary>What only the browser can do (wwwroot/app.js).</summary>
internal static partial class Bridge
{
    internal static Task LoadAsync() => JSHost.ImportAsync("app", "/app.js");

    /// <summary>Everything that happens is told to this: its kind and what it is about.</summary>
    [JSImport("start", "app")] internal static partial void Start([JSMarshalAs<JSType.Function<JSType.String, JSType.String>>] Action<string, string> tell);

    /// <summary>"STATUS\nBODY", status 0 where the server could not be reached, 203 where it could not and said this before.</summary>
    [JSImport("request", "app")] internal static partial Task<string> Request(string method, string url, string? body, string? type);
    /// <summary>Nothing that was read stays in this browser.</summary>
    [JSImport("forgetKept", "app")] internal static partial void ForgetKept();
    [JSImport("subscribe", "app")] internal static partial void Subscribe(string? url);

    [JSImport("place", "app")] internal static partial string Place();
    [JSImport("go", "app")] internal static partial void Go(string path, bool replace);
    [JSImport("title", "app")] internal static partial void Title(string text);

    /// <summary>How far the list is scrolled, how much of it is seen, and how high a row is, in CSS pixels.</summary>
    [JSImport("listTop", "app")] internal static partial double ListTop();
    [JSImport("listHeight", "app")] internal static partial double ListHeight();
    [JSImport("listRow", "app")] internal static partial double ListRow();
    [JSImport("layOut", "app")] internal static partial void LayOut(int total, int first, double height);
    [JSImport("scrollToRow", "app")] internal static partial void ScrollToRow(int index, double height);
    [JSImport("scrollTop", "app")] internal static partial void ScrollTop(string id);

    [JSImport("focus", "app")] internal static partial void Focus(string selector);
    [JSImport("openDialog", "app")] internal static partial void OpenDialog(string id);
    /// <summary>Puts a text on the clipboard; false where the browser does not let it.</summary>
    [JSImport("copy", "app")] internal static partial Task<bool> Copy(string text);
    [JSImport("blur", "app")] internal static partial void Blur();

    /// <summary>Shows a page in the frame of that id, in the element "place-ID".</summary>
    [JSImport("showFrame", "app")] internal static partial void ShowFrame(string id, string url, string title);
    /// <summary>Has the pages of messages made ready; "OCTETS URL", a line each.</summary>
    [JSImport("ahead", "app")] internal static partial void Ahead(string lines);
    /// <summary>No page is made ready any more, and those that were are dropped.</summary>
    [JSImport("forgetFrames", "app")] internal static partial void ForgetFrames();
    [JSImport("openLink", "app")] internal static partial void OpenLink(string url);
    [JSImport("printFrame", "app")] internal static partial void PrintFrame(string id);

    [JSImport("remember", "app")] internal static partial void Remember(string key, string? value);
    [JSImport("recall", "app")] internal static partial string? Recall(string key);
    [JSImport("setTheme", "app")] internal static partial void SetTheme(string choice);
    [JSImport("isWide", "app")] internal static partial bool IsWide();
    [JSImport("isDark", "app")] internal static partial bool IsDark();
    /// <summary>Done after some milliseconds, by the browser's timer; the runtime's own has to be made ready first, and a start has better to do.</summary>
    [JSImport("wait", "app")] internal static partial Task Wait(double milliseconds);
    [JSImport("mark", "app")] internal static partial void Mark(string name);

    [JSImport("hasPasskeys", "app")] internal static partial bool HasPasskeys();

    /// <summary>Makes a passkey by the server's question, both as JSON; empty where none was made.</summary>
    [JSImport("makePasskey", "app")] internal static partial Task<string> MakePasskey(string options);

    /// <summary>Signs a server's question with a passkey, both as JSON; empty where none was given.</summary>
    [JSImport("usePasskey", "app")] internal static partial Task<string> UsePasskey(string options);

    /// <summary>Minutes that the user's clock is ahead of UTC at a time.</summary>
    [JSImport("zoneOffset", "app")] internal static partial int ZoneOffset(double milliseconds);
    [JSImport("askToNotify", "app")] internal static partial Task<string> AskToNotify();
    /// <summary>Whether this browser is told of new mail while the page is closed: unsupported, denied, on, off, or failed.</summary>
    [JSImport("pushState", "app")] internal static partial Task<string> PushState();
    [JSImport("pushOn", "app")] internal static partial Task<string> PushOn(string words);
    [JSImport("pushOff", "app")] internal static partial Task<string> PushOff();
    [JSImport("notify", "app")] internal static partial void Notify(string heading, string text);
}
