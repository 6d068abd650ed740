namespace Sternpost.Webmail.Mail;

/// <summary>The line that says what was done; one at a time, and not for long.</summary>
public sealed class Notices(Action draw)
{
    public Notice? Now { get; private set; }

    public void Say(string text, Func<Task>? undo = null) => Show(new Notice(text, undo), undo is null ? 4 : 8);

    public void Complain(string text) => Show(new Notice(text, IsTrouble: true), 10);

    public void Dismiss()
    {
        Now = null;
        draw();
    }

    private void Show(Notice notice, int seconds)
    {
        Now = notice;
        draw();
        _ = FadeAsync(notice, seconds);
    }

    private async Task FadeAsync(Notice notice, int seconds)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        if (ReferenceEquals(Now, notice)) Dismiss();
    }
}
