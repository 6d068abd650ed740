using System.Text;
using MailKit;
using MailKit.Search;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Scenarios.Harness;
using Sternpost.Storage;

namespace Sternpost.Scenarios.Webmail;

/// <summary>The digest of Junk that comes by itself.</summary>
public sealed class JunkDigestTests
{
    private const string Clerk = "clerk@company.example";

    [Fact]
    public async Task It_comes_when_its_day_has_gone_by_once_and_only_of_what_came_since()
    {
        await using var server = await InstalledServer.StartAsync("", Clerk);
        await PutIntoJunkAsync(server, "Cheap pills", TimeSpan.FromHours(24.5));
        Assert.Equal(0, await server.TerminateAsync());
        // Asked for daily, twenty-five hours ago.
        await AskAsync(server, TimeSpan.FromHours(25));
        await server.LaunchAsync();
        Assert.Contains("Cheap pills", await DigestAsync(server, 1));

        // Since it, as if that were a day ago, nothing came: no letter. Then something does, and what was told before is not told again.
        Assert.Equal(0, await server.TerminateAsync());
        var after = await AskAsync(server, TimeSpan.FromHours(24));
        await server.LaunchAsync();
        await PassedAsync(server, after);
        await PutIntoJunkAsync(server, "Cheaper still", TimeSpan.Zero);
        Assert.Equal(0, await server.TerminateAsync());
        await ShiftAsync(server, TimeSpan.FromHours(24));
        await server.LaunchAsync();
        var second = await DigestAsync(server, 2);
        Assert.Contains("Cheaper still", second);
        Assert.Contains("1 message in Junk", second);
    }

    private static async Task PutIntoJunkAsync(InstalledServer server, string subject, TimeSpan ago)
    {
        using var client = await Mailbox.OpenAsync(server, Clerk);
        await (await client.GetFolderAsync("Junk")).AppendAsync(new AppendRequest(MimeKit.MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes(
            $"X-Sternpost-Verdict: junk, score 12.0 (STATISTICS 12.0), reference x.1\r\nFrom: Pills <pills@spam.example>\r\nTo: <{Clerk}>\r\nSubject: {subject}\r\n\r\nBuy now.\r\n"))), MessageFlags.None, DateTimeOffset.UtcNow - ago));
    }

    // Waits until there are that many; answers the last as it stands.
    private static async Task<string> DigestAsync(InstalledServer server, int count)
    {
        using var client = await Mailbox.OpenAsync(server, Clerk);
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        IList<UniqueId> found = [];
        await Wait.UntilAsync(async () => (found = await client.Inbox.SearchAsync(SearchQuery.SubjectContains("in Junk"))).Count >= count);
        Assert.Equal(count, found.Count);
        var letter = await client.Inbox.GetMessageAsync(found[^1]);
        return letter.Subject + "\n" + letter.TextBody;
    }

    private static async Task<long> AskAsync(InstalledServer server, TimeSpan ago)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, default);
        var account = (await new AccountDirectory(database, TimeProvider.System).FindAccountAsync(EmailAddress.Parse(Clerk), default))!;
        var sent = (DateTimeOffset.UtcNow - ago).ToUnixTimeMilliseconds();
        await database.WriteAsync(sql => { sql.Execute($"insert into junk_digests (account_id, days, sent) values ({account.Id}, {1L}, {sent}) on conflict (account_id) do update set sent = excluded.sent"); return true; }, default);
        return sent;
    }

    private static async Task ShiftAsync(InstalledServer server, TimeSpan back)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, default);
        await database.WriteAsync(sql => { sql.Execute($"update junk_digests set sent = sent - {(long)back.TotalMilliseconds}"); return true; }, default);
    }

    // The round has been by.
    private static async Task PassedAsync(InstalledServer server, long before)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, default);
        await Wait.UntilAsync(async () => await database.ReadAsync(sql => sql.First($"select sent from junk_digests", row => row.GetInt64(0)), default) != before);
    }
}
