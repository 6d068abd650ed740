using System.Text.Json;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>What is laid over everything else, and has the keyboard to itself.</summary>
public enum Sheet { None, Keys, Move, Source, Question, Stopped, Schedule, Block, Snooze, Label }

/// <summary>What a message shows of a link, and where it leads.</summary>
public sealed record StoppedLink(string To, string Reason, string Shown);

/// <summary>The one sheet that lies over the page, and what it is about.</summary>
public sealed class Overlay(JmapConnection connection, Action draw)
{
    public Sheet Sheet { get; private set; }

    public (string Text, string Verb, Func<Task> Do)? Question { get; private set; }

    public StoppedLink? Stopped { get; private set; }

    /// <summary>Whom the user is asked about blocking.</summary>
    public Address? ToBlock { get; private set; }

    /// <summary>The source that is looked at; null while it is fetched.</summary>
    public string? Source { get; private set; }

    public Message? SourceOf { get; private set; }

    public void Open(Sheet sheet)
    {
        Sheet = sheet;
        draw();
    }

    public void Close()
    {
        (Sheet, Question, Stopped, Source, SourceOf) = (Sheet.None, null, null, null, null);
        draw();
    }

    public void Ask(string text, string verb, Func<Task> then)
    {
        Question = (text, verb, then);
        Open(Sheet.Question);
    }

    public void AskToBlock(Address sender)
    {
        ToBlock = sender;
        Open(Sheet.Block);
    }

    /// <summary>A link that is not followed without a word: where it leads, why it was stopped, and what the message shows of it, as the page has told.</summary>
    public void Stop(string about)
    {
        using var json = JsonDocument.Parse(about);
        Stopped = new StoppedLink(json.RootElement.Text("to") ?? "", json.RootElement.Text("reason") ?? "", json.RootElement.Text("shown") ?? "");
        Open(Sheet.Stopped);
    }

    public async Task ShowSourceAsync(Message message)
    {
        (Source, SourceOf) = (null, message);
        Open(Sheet.Source);
        var (status, body) = await JmapConnection.SendAsync("GET", connection.DownloadUrl(message.BlobId, "message.eml", "text/plain"), null);
        Source = status == 200 ? body : Words.Now.SomethingFailed;
        draw();
    }
}
