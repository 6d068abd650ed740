using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Mailboxes.Searching;

namespace Sternpost.Unit.Mailboxes;

public sealed class SearchTests
{
    [Theory]
    [InlineData("two words", "two|words")]
    [InlineData("\"a phrase\" and 'another one'", "a phrase|and|another one")]
    [InlineData("don't 'stop", "don't|stop")]
    [InlineData("  ", "")]
    public void Terms_are_words_and_phrases(string text, string terms) => Assert.Equal(terms, string.Join('|', SearchTerms.Parse(text)));

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("\u691c\u7d22\u7d50", " \u691c\u7d22 \u7d22\u7d50 \u7d50 ")]
    [InlineData("a\u691c b", "a \u691c  b")]
    public void Letters_without_spaces_between_words_become_pairs(string text, string prepared) => Assert.Equal(prepared, SearchWords.Prepare(text));

    [Fact]
    public async Task An_index_follows_its_mailbox_and_is_made_anew_where_it_is_damaged()
    {
        await using var store = await TestStore.OpenAsync();
        await using var search = new MailSearch(store.Mail, store.Database, NullLogger<MailSearch>.Instance);
        await store.AppendAsync("INBOX", "Subject: s\r\n\r\nThe walrus", "Subject: s\r\n\r\nThe carpenter");
        Assert.Single(await search.FindAsync(TestStore.Alice, "walr", TestStore.Cancellation));
        await store.AppendAsync("INBOX", "Subject: s\r\n\r\nAnother walrus");
        Assert.Equal(2, (await search.FindAsync(TestStore.Alice, "walrus", TestStore.Cancellation)).Count);
        var inbox = await store.MailboxAsync("INBOX");
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], Sternpost.Mailboxes.FlagOperation.Add, Sternpost.Mailboxes.MessageFlags.Deleted, [], null, TestStore.Cancellation);
        await store.Mail.ExpungeAsync(inbox.Id, null, TestStore.Cancellation);
        Assert.Single(await search.FindAsync(TestStore.Alice, "walrus", TestStore.Cancellation));
        Assert.Empty(await search.FindAsync(TestStore.Bob, "walrus", TestStore.Cancellation));
        Assert.Empty(await search.FindAsync(TestStore.Alice, "\"* OR a\"", TestStore.Cancellation));

        await search.DisposeAsync();
        var file = Assert.Single(System.IO.Directory.GetFiles(Path.Combine(store.Folder, "search"), $"{TestStore.Alice}.fts"));
        await File.WriteAllTextAsync(file, "no database at all, but long enough to be read as the head of one: " + new string('x', 5000), TestStore.Cancellation);
        await using var again = new MailSearch(store.Mail, store.Database, NullLogger<MailSearch>.Instance);
        Assert.Single(await again.FindAsync(TestStore.Alice, "walrus", TestStore.Cancellation));
    }

    [Fact]
    public async Task Encodings_markup_and_messages_within_are_seen_through()
    {
        await using var store = await TestStore.OpenAsync();
        await using var search = new MailSearch(store.Mail, store.Database, NullLogger<MailSearch>.Instance);
        await store.AppendAsync(
            "INBOX",
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p class=\"hidden\">Gr=C3=BC=C3=9Fe</p><style>none</style>",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nmarmalade\r\n--b\r\nContent-Type: application/pdf; name=\"plans.pdf\"\r\n\r\nx\r\n--b--\r\n");
        foreach (var (term, count) in new[] { ("gr\u00fc\u00dfe", 1), ("GRU\u00dfe", 1), ("hidden", 0), ("none", 0), ("marmalade", 1), ("inner", 1), ("plans", 1) })
            Assert.Equal((term, count), (term, (await search.FindAsync(TestStore.Alice, term, TestStore.Cancellation)).Count));
    }
}
