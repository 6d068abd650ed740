using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>Asks for the messages that will probably be opened next, so that they are there when they are.</summary>
public sealed class Lookahead(Desk desk)
{
    // What was destroyed, of which nothing may be asked for any more, though a question of before is still under way.
    private readonly HashSet<string> gone = [];
    private bool isLooking;

    /// <summary>What is beside the row number <paramref name="index"/>; nothing while it is being asked for already.</summary>
    public async Task NearAsync(int index)
    {
        if (isLooking) return;
        isLooking = true;
        await AskAsync(index - 1, index + 3);
        isLooking = false;
    }

    /// <summary>Asks for the messages of some rows. Nobody waits for them yet: where it fails, they are asked for when somebody does.</summary>
    public async Task AskAsync(int first, int last)
    {
        try
        {
            var coming = await desk.Reading.AheadAsync(Enumerable.Range(first, last - first + 1).Select(index => desk.List[index]).OfType<Conversation>());
            // A draft is another message after each saving.
            var plain = coming.Where(message => !gone.Contains(message.Id) && !message.Email.IsDraft && (message.Email.From is not [var sender, ..] || !desk.Senders.ShowsPicturesOf(sender)))
                .Select(message => FormattableString.Invariant($"{message.Size} ") + desk.Connection.ViewUrl(message.BlobId, Bridge.IsDark(), withPictures: false)).ToList();
            if (plain.Count > 0) Bridge.Ahead(string.Join('\n', plain));
        }
        catch (JmapException)
        {
            desk.Reading.Forget();
        }
    }

    /// <summary>Some messages are about to be destroyed: nothing of them is asked for any more, and what is made ready is dropped.</summary>
    public void Drop(IEnumerable<string> emailIds)
    {
        gone.UnionWith(emailIds);
        desk.Reading.Forget();
        Bridge.ForgetFrames();
    }
}
