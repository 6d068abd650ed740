using System.Runtime.InteropServices.JavaScript;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Browser;

/// <summary>What only the browser can do, as far as writing needs it (wwwroot/writing.js). Nothing of it can be called before <see cref="LoadWritingAsync"/>.</summary>
internal static partial class Bridge
{
    private static bool hasWriting;

    /// <summary>Loads it, the first time.</summary>
    /// <exception cref="JmapException">It could not be had.</exception>
    internal static async Task LoadWritingAsync()
    {
        if (hasWriting) return;
        try
        {
            await JSHost.ImportAsync("writing", "/writing.js");
            hasWriting = true;
        }
        catch (JSException)
        {
            throw new JmapException(TroubleKind.Offline, null, Words.Now.ServerNotReached);
        }
    }

    [JSImport("upload", "writing")] internal static partial Task<string> Upload(string id, string url);
    [JSImport("cancelUpload", "writing")] internal static partial void CancelUpload(string id);
    [JSImport("textOf", "writing")] internal static partial string TextOf(string html);
    [JSImport("openEditor", "writing")] internal static partial void OpenEditor(string html, string pictures);
    [JSImport("quoteOf", "writing")] internal static partial string QuoteOf(string page);
    [JSImport("removePicture", "writing")] internal static partial void RemovePicture(string contentId);
    [JSImport("setEditor", "writing")] internal static partial void SetEditor(string html);
    /// <summary>What is written; null where no editor is open.</summary>
    [JSImport("editorHtml", "writing")] internal static partial string? EditorHtml();
    [JSImport("markSaved", "writing")] internal static partial void MarkSaved();
    [JSImport("keepSelection", "writing")] internal static partial void KeepSelection();
    [JSImport("format", "writing")] internal static partial void Format(string command, string? value);
}
