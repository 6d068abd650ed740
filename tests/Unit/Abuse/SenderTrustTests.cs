using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Abuse.Holds;
using Sternpost.Abuse.Signs;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Storage;

namespace Sternpost.Unit.Abuse;

/// <summary>Trust in the database: what spends it, what gives it back, and what others' complaints come to.</summary>
public sealed class SenderTrustTests : IAsyncLifetime
{
    private static readonly Account Alice = new(1, EmailAddress.Parse("alice@here.test"), "", AccountStatus.Active, false, 0, 0, DateTimeOffset.UnixEpoch);

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-trust-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private Database database = null!;
    private SenderTrust trust = null!;

    public async ValueTask InitializeAsync()
    {
        database = await Database.OpenAsync(folder, time, default);
        trust = new SenderTrust(database, new TrustOptions(), time);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_complaint_finds_our_message_by_its_id_or_where_that_is_hidden_by_our_own_line()
    {
        await SendAsync("192.0.2.1", 1, 0, messageId: "abc@here.test", session: "k3j2h1g0.4");
        var redacted = "From: reports@provider.test\r\n\r\nReceived: from [192.0.2.1] (unknown)\r\n\tby mail.here.test with ESMTPSA (TLSv1.3) id k3j2h1g0.4\r\n\tfor <redacted@provider.test>; Mon, 4 May 2026 08:00:00 +0000\r\n";
        var session = HeaderBlock.SessionOf(Encoding.ASCII.GetBytes(redacted), "mail.here.test");
        Assert.Equal("k3j2h1g0.4", session);
        Assert.Null(HeaderBlock.SessionOf(Encoding.ASCII.GetBytes(redacted), "mail.elsewhere.test"));
        var found = await database.ReadAsync(sql => (ById: SentMessages.Find(sql, "<abc@here.test>", null), BySession: SentMessages.Find(sql, null, session), None: SentMessages.Find(sql, "other@here.test", "none")), default);
        Assert.Equal((1L, 1L, (SentMessage?)null), (found.ById!.AccountId, found.BySession!.AccountId, found.None));
    }

    [Fact]
    public async Task Three_complaints_about_unusual_mail_are_certain_and_about_usual_mail_are_told()
    {
        await SendAsync("192.0.2.1", 1, 0, messageId: "usual@here.test");
        for (var n = 0; n < 3; n++) await ComplainAsync("usual@here.test");
        Assert.Contains(await SignsAsync(), sign => sign is { Kind: SignKind.Complaint, IsCertain: false });
        Assert.DoesNotContain(await SignsAsync(), sign => sign.IsCertain);
        time.Advance(TimeSpan.FromDays(5));
        await SendAsync("198.51.100.1", 1, 1, messageId: "odd@here.test");
        for (var n = 0; n < 3; n++) await ComplainAsync("odd@here.test");
        Assert.Contains(await SignsAsync(), sign => sign is { Kind: SignKind.Complaint, IsCertain: true });
    }

    [Fact]
    public async Task Trust_comes_back_by_the_day_but_not_while_something_is_held()
    {
        await SendAsync("192.0.2.1", 1, 0);
        time.Advance(TimeSpan.FromDays(4));
        Assert.Null(await SendAsync("198.51.100.1", 10, 10));
        Assert.Equal(8, (await trust.LeftAsync(1, default)).Left, 1);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(12, (await trust.LeftAsync(1, default)).Left, 1);
        var hold = await SendAsync("198.51.100.2", 14, 14);
        Assert.StartsWith("it is unusual for this account: it comes from a network that this account was never used from, 14 of its recipients", hold!.Reason);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(12, (await trust.LeftAsync(1, default)).Left, 1);
        // Mail as always passes beside it.
        Assert.Null(await SendAsync("192.0.2.99", 5, 2));
    }

    [Fact]
    public async Task A_network_becomes_the_accounts_own_on_its_third_day_by_reading_too_but_not_by_what_was_held()
    {
        await SendAsync("192.0.2.1", 1, 0);
        time.Advance(TimeSpan.FromDays(4));
        Assert.NotNull(await SendAsync("198.51.100.1", 30, 30));
        await database.WriteAsync(sql => { trust.SignedIn(sql, 1, IPAddress.Parse("203.0.113.7")); return true; }, default);
        time.Advance(TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1));
        Assert.True(await database.ReadAsync(sql => trust.KnowsNetwork(sql, 1, IPAddress.Parse("203.0.113.200")), default));
        Assert.False(await database.ReadAsync(sql => trust.KnowsNetwork(sql, 1, IPAddress.Parse("198.51.100.1")), default));
    }

    [Fact]
    public async Task Held_mail_waits_on_where_something_bad_was_heard()
    {
        await SendAsync("192.0.2.1", 1, 0, messageId: "a@here.test");
        time.Advance(TimeSpan.FromDays(4));
        await SendAsync("198.51.100.1", 20, 20);
        var held = Assert.Single(await database.ReadAsync(sql => HoldRows.Of(sql, 1), default));
        Assert.True(await database.ReadAsync(sql => SenderTrust.MayRelease(sql, held), default));
        await ComplainAsync("a@here.test");
        Assert.False(await database.ReadAsync(sql => SenderTrust.MayRelease(sql, held), default));
    }

    private async Task<Hold?> SendAsync(string source, int external, int fresh, string messageId = "", string session = "")
    {
        var id = database.NextId();
        return await database.WriteAsync(sql =>
        {
            var hold = trust.Judge(sql, id, Alice, new MessageTraits { Source = IPAddress.Parse(source), MessageId = messageId, Session = session }, external, fresh);
            for (var n = 0; n < external; n++) SentMessages.AddCopy(sql, n, new SentCopy(id, $"r{n}@outside.test", null, 0, 0, 0));
            if (hold is not null) HoldRows.Insert(sql, id, 1, time.GetUtcNow(), hold);
            return hold;
        }, default);
    }

    private async Task ComplainAsync(string messageId) => await database.WriteAsync(sql =>
    {
        trust.Complained(sql, SentMessages.Find(sql, messageId, null)!, "provider.test");
        return true;
    }, default);

    private ValueTask<IReadOnlyList<Sign>> SignsAsync() => database.ReadAsync(sql => SignRows.Since(sql, 1, new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)), default);
}
