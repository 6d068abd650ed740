using Sternpost.Mailboxes;

namespace Sternpost.Unit.Mailboxes;

public sealed class JunkLessonsTests
{
    [Theory]
    [InlineData("INBOX", "Junk", true)]
    [InlineData("Trash", "Junk", true)]
    [InlineData("Junk", "INBOX", false)]
    [InlineData("Junk", "Archive", false)]
    [InlineData("Junk", "Trash", null)]
    [InlineData("INBOX", "Archive", null)]
    [InlineData("Junk", "Junk", null)]
    public async Task Moving_and_copying_teach(string from, string to, bool? taught)
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync(from, "a", "b");
        var lessons = new Recorded();
        store.Mail.Lessons = lessons;
        var emails = (await store.EntriesAsync(from)).Select(entry => entry.EmailId).ToArray();
        var (source, target) = (await store.MailboxAsync(from), await store.MailboxAsync(to));
        (long, long, bool)[] expected = taught is { } junk ? [.. emails.Select(id => (TestStore.Alice, id, junk))] : [];

        await store.Mail.CopyAsync(source.Id, [1, 2], target.Id, TestStore.Cancellation);
        Assert.Equal(expected, lessons.Taken());
        await store.Mail.MoveAsync(source.Id, [1, 2], target.Id, TestStore.Cancellation);
        Assert.Equal(expected, lessons.Taken());
    }

    [Fact]
    public async Task Appending_to_Junk_teaches_and_a_delivery_there_does_not()
    {
        await using var store = await TestStore.OpenAsync();
        var lessons = new Recorded();
        store.Mail.Lessons = lessons;
        await store.DeliverAsync("x"u8.ToArray(), new DeliveryTarget(TestStore.Alice, SpecialUse.Junk, default));
        Assert.Empty(lessons.Taken());
        await store.AppendAsync("Junk", "a");
        Assert.True(Assert.Single(lessons.Taken()).Junk);
    }

    private sealed class Recorded : IJunkLessons
    {
        private readonly List<(long Account, long Email, bool Junk)> taught = [];

        public void Taught(long accountId, long emailId, bool junk) => taught.Add((accountId, emailId, junk));

        internal (long Account, long Email, bool Junk)[] Taken()
        {
            var taken = taught.ToArray();
            taught.Clear();
            return taken;
        }
    }
}
