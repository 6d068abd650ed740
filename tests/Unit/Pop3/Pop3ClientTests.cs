using System.Text;
using CsCheck;
using MailKit.Net.Pop3;
using MimeKit;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Unit.Pop3;

/// <summary>The server against a client by others.</summary>
public class Pop3ClientTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("PLAIN", false)]
    [InlineData("LOGIN", false)]
    [InlineData("SCRAM-SHA-256", false)]
    [InlineData("SCRAM-SHA-256-PLUS", false)]
    [InlineData("SCRAM-SHA-256-PLUS", true)]
    public async Task Signs_in_by_each_mechanism(string? mechanism, bool stls)
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync("Subject: x\r\n\r\n");
        using var client = await room.SignInAsync(mechanism, stls);
        Assert.Equal(1, await client.GetMessageCountAsync(Pop3Room.Cancellation));
        await client.DisconnectAsync(quit: true, Pop3Room.Cancellation);
    }

    [Fact]
    public async Task Reads_what_CAPA_says()
    {
        await using var room = await Pop3Room.OpenAsync();
        using var client = await room.SignInAsync();
        Assert.Equal(Pop3Capabilities.Expire | Pop3Capabilities.Pipelining | Pop3Capabilities.ResponseCodes | Pop3Capabilities.Top | Pop3Capabilities.UIDL
            | Pop3Capabilities.User | Pop3Capabilities.Sasl, client.Capabilities);
        Assert.Equal(-1, client.ExpirePolicy);
        Assert.Equal(["LOGIN", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], client.AuthenticationMechanisms.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Fetches_everything_and_deletes_it()
    {
        await using var room = await Pop3Room.OpenAsync();
        var messages = Enumerable.Range(0, 120).Select(i => Encoding.UTF8.GetBytes($"From: a@example.org\r\nSubject: {i}\r\nMessage-Id: <{i}@example.org>\r\n\r\n.{new string('x', i * 37 % 900)}\r\n.\r\nGrüße\r\n")).ToArray();
        await room.AppendAsync(messages);
        using var client = await room.SignInAsync();
        Assert.Equal(120, client.Count);
        Assert.Equal(messages.Select(message => message.Length), await client.GetMessageSizesAsync(Pop3Room.Cancellation));
        Assert.Equal(120, (await client.GetMessageUidsAsync(Pop3Room.Cancellation)).Distinct().Count());
        var fetched = await client.GetStreamsAsync(0, 120, headersOnly: false, Pop3Room.Cancellation);
        Assert.Equal(messages.Select(Convert.ToHexString), fetched.Select(stream => Convert.ToHexString(Octets(stream))));
        var headers = await client.GetMessageHeadersAsync(0, 120, Pop3Room.Cancellation);
        Assert.Equal(Enumerable.Range(0, 120).Select(i => i.ToString()), headers.Select(header => header[HeaderId.Subject]));
        await client.DeleteAllMessagesAsync(Pop3Room.Cancellation);
        await client.DisconnectAsync(quit: true, Pop3Room.Cancellation);
        Assert.Empty(await room.EntriesAsync());
    }

    [Fact]
    public async Task Names_of_messages_stay_the_same_from_session_to_session()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync("Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n", "Subject: 3\r\n\r\n");
        using var first = await room.SignInAsync();
        var names = await first.GetMessageUidsAsync(Pop3Room.Cancellation);
        await first.DeleteMessageAsync(1, Pop3Room.Cancellation);
        await first.DisconnectAsync(quit: true, Pop3Room.Cancellation);
        await room.AppendAsync("Subject: 4\r\n\r\n");
        using var second = await room.SignInAsync();
        var later = await second.GetMessageUidsAsync(Pop3Room.Cancellation);
        Assert.Equal([names[0], names[2]], later.Take(2));
        Assert.DoesNotContain(names[1], later);
    }

    [Fact]
    public async Task A_message_of_twenty_megabytes_comes_whole()
    {
        await using var room = await Pop3Room.OpenAsync();
        var line = new string('y', 75) + "\n." + new string('z', 900_000) + "\r\n";
        var message = Encoding.ASCII.GetBytes("Subject: big\r\n\r\n" + string.Concat(Enumerable.Repeat(line.Replace("\n.", "\r\n.", StringComparison.Ordinal), 22)));
        await room.AppendAsync(message);
        using var client = await room.SignInAsync();
        var stream = await client.GetStreamAsync(0, headersOnly: false, Pop3Room.Cancellation);
        Assert.Equal(message, Octets(stream));
    }

    [Fact]
    public async Task Whatever_lines_a_message_has_they_arrive()
    {
        await using var room = await Pop3Room.OpenAsync();
        var bodies = new List<byte[]>();
        var texts = Gen.Int[0, 5].Select(i => "\r\n|.|..|a|\0|\u00e4".Split('|')[i]).Array[0, 30].Select(string.Concat);
        texts.Sample(text => bodies.Add(Encoding.Latin1.GetBytes("Subject: x\r\n\r\n" + text + "\r\n")), iter: 300, threads: 1);
        await room.AppendAsync([.. bodies]);
        using var client = await room.SignInAsync();
        var fetched = await client.GetStreamsAsync(0, bodies.Count, headersOnly: false, Pop3Room.Cancellation);
        Assert.Equal(bodies.Select(Convert.ToHexString), fetched.Select(stream => Convert.ToHexString(Octets(stream))));
    }

    // A copy of the files at any moment is what a killed process would leave (the log is only appended to here).
    [Fact]
    public async Task Killed_at_any_moment_of_QUIT_each_message_is_there_or_gone_and_after_OK_all_are_gone()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync([.. Enumerable.Range(0, 1200).Select(i => Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\n{i}\r\n"))]);
        using var client = await room.SignInAsync();
        await client.DeleteAllMessagesAsync(Pop3Room.Cancellation);
        var copies = new List<string> { Copy(room.Folder) };
        var quit = client.DisconnectAsync(quit: true, Pop3Room.Cancellation);
        while (!quit.IsCompleted && copies.Count < 12)
        {
            copies.Add(Copy(room.Folder));
            await Task.Yield();
        }
        await quit;
        var inbox = await room.InboxAsync();
        copies.Add(Copy(room.Folder));
        var counts = new List<int>();
        foreach (var copy in copies)
        {
            var database = await Database.OpenAsync(copy, TimeProvider.System, Pop3Room.Cancellation);
            await using (database)
            {
                Assert.Empty(await database.ReadAsync(StoreInvariants.Check, Pop3Room.Cancellation));
                var mail = new MailStore(database, new Sternpost.Accounts.AccountDirectory(database, TimeProvider.System), TimeProvider.System);
                counts.Add((await mail.OpenAsync(inbox.Id, Pop3Room.Cancellation))!.Value.Entries.Count);
            }
            Directory.Delete(copy, recursive: true);
        }
        Assert.Equal(1200, counts[0]);
        Assert.Equal(0, counts[^1]);
        Assert.Equal(counts.OrderDescending(), counts);
    }

    [Fact]
    public async Task What_was_marked_but_not_removed_when_the_process_died_is_shown_again()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync("Subject: 1\r\n\r\n");
        await room.Mail.StoreFlagsAsync((await room.InboxAsync()).Id, [1], FlagOperation.Add, MessageFlags.Deleted, [], null, Pop3Room.Cancellation);
        using var client = await room.SignInAsync();
        Assert.Equal(1, client.Count);
        await client.DeleteMessageAsync(0, Pop3Room.Cancellation);
        await client.DisconnectAsync(quit: true, Pop3Room.Cancellation);
        Assert.Empty(await room.EntriesAsync());
    }

    private static byte[] Octets(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static string Copy(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("pop3-killed").FullName;
        // The database first: what its log gains meanwhile is a later moment, not a torn one.
        foreach (var name in new[] { "sternpost.db", "sternpost.db-wal" })
        {
            using var from = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(Path.Combine(copy, name));
            from.CopyTo(to);
        }
        return copy;
    }
}
