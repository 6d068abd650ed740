using Sternpost.Accounts.Shields;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Evidence;

/// <summary>What protects an account for a while, as it is kept: an attack outlives a restart and ends when its owner says so, and an expected code comes in.</summary>
public sealed class ShieldTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attack_is_kept_over_a_restart_until_its_owner_says_that_it_is_none()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        Assert.False((await ShieldAsync(world)).IsBombed(world.Time.GetUtcNow()));
        for (var i = 0; i < 15; i++) await world.ReceiveAsync(SignUp(i), $"198.51.{i}.7");
        var shield = await ShieldAsync(world);
        Assert.True(shield.IsBombed(world.Time.GetUtcNow()));
        Assert.Equal((world.Time.GetUtcNow(), 15, 15, 0), (shield.BombBegan, shield.BombMessages, shield.BombSenders, shield.BombSetAside));

        await world.RestartAsync();
        Assert.Equal(Disposition.Junk, await ReceivedAsync(world, SignUp(98), "203.0.113.7"));
        Assert.Equal(1, (await ShieldAsync(world)).BombSetAside);

        await IgnoreAsync(world, world.Time.GetUtcNow() + ShieldRows.Ignored);
        Assert.Equal(Disposition.Accept, await ReceivedAsync(world, SignUp(97), "203.0.113.8"));
        for (var i = 100; i < 120; i++) Assert.Equal(Disposition.Accept, await ReceivedAsync(world, SignUp(i), $"198.51.{i}.7"));

        await IgnoreAsync(world, default);
        Assert.Equal(Disposition.Junk, await ReceivedAsync(world, SignUp(96), "203.0.113.9"));
        world.Time.Advance(TimeSpan.FromHours(4));
        Assert.False((await ShieldAsync(world)).IsBombed(world.Time.GetUtcNow()));
        Assert.Equal(Disposition.Accept, await ReceivedAsync(world, SignUp(95), "203.0.113.10"));
    }

    [Fact]
    public async Task An_expected_code_comes_in_for_its_minutes_and_is_noted()
    {
        // So strict that a stranger's letter alone is junk.
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = -1 });
        Assert.Equal(Disposition.Junk, await ReceivedAsync(world, Code("a"), "203.0.113.7"));
        await ExpectAsync(world, TimeSpan.FromMinutes(15));
        var came = await world.ReceiveAsync(Code("b"), "203.0.113.8");
        Assert.True(came.Found("CODE_EXPECTED"));
        Assert.Equal(Disposition.Accept, came.Copies[0].Verdict.Disposition);
        Assert.Equal(came.Copies[0].EmailId, (await ShieldAsync(world)).CodeEmail);
        // No code, no confirmation; and not for others.
        Assert.False((await world.ReceiveAsync(Letter_("c"), "203.0.113.9")).Found("CODE_EXPECTED"));
        Assert.False((await world.ReceiveAsync(Code("d"), "203.0.113.9", to: "bob")).Found("CODE_EXPECTED"));
        Assert.Equal(came.Copies[0].EmailId, (await ShieldAsync(world)).CodeEmail);
        var both = await world.ReceiveAsync(Code("e"), "203.0.113.9", "x@site.example", "alice", "bob");
        Assert.Equal([Disposition.Accept, Disposition.Junk], both.Copies.Select(copy => copy.Verdict.Disposition));
        world.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.False((await world.ReceiveAsync(Code("f"), "203.0.113.10")).Found("CODE_EXPECTED"));
    }

    [Fact]
    public async Task What_is_forged_gains_nothing_by_it_and_an_attack_does_not_bury_it()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("bank.example", "192.0.2.5");
        await ExpectAsync(world, TimeSpan.FromMinutes(15));
        Assert.False((await world.ReceiveAsync(Code("a").Replace("site.example", "bank.example", StringComparison.Ordinal), "203.0.113.7", "no-reply@bank.example")).Found("CODE_EXPECTED"));
        Assert.False((await world.ReceiveAsync(Code("b").Replace("From: Site", "From: PayPal", StringComparison.Ordinal), "203.0.113.8")).Found("CODE_EXPECTED"));
        for (var i = 0; i < 15; i++) await world.ReceiveAsync(SignUp(i), $"198.51.{i}.7");
        // While one is waited for, a confirmation may be the one.
        Assert.Equal(Disposition.Accept, await ReceivedAsync(world, SignUp(98), "203.0.113.9"));
        await ExpectAsync(world, TimeSpan.Zero);
        Assert.Equal(Disposition.Junk, await ReceivedAsync(world, SignUp(97), "203.0.113.10"));
    }

    private static async Task<Disposition> ReceivedAsync(EvidenceWorld world, string text, string client) => (await world.ReceiveAsync(text, client)).Copies[0].Verdict.Disposition;

    private static ValueTask<AccountShield> ShieldAsync(EvidenceWorld world) => world.Database.ReadAsync(sql => ShieldRows.Of(sql, world.Ids["alice"]), Cancellation);

    private static async Task IgnoreAsync(EvidenceWorld world, DateTimeOffset until) => await world.Database.WriteAsync(sql => { ShieldRows.Ignore(sql, world.Ids["alice"], until); return true; }, Cancellation);

    private static async Task ExpectAsync(EvidenceWorld world, TimeSpan wait) => await world.Database.WriteAsync(sql => { ShieldRows.Expect(sql, world.Ids["alice"], wait == TimeSpan.Zero ? default : world.Time.GetUtcNow() + wait); return true; }, Cancellation);

    private static string Letter_(string id) => Mail(id, "Tuesday", "Are you coming to the meeting on Tuesday?");

    private static string Code(string id) => Mail(id, "Sign in to Site", "Your code is 482913. It is good for ten minutes.");

    private static string Mail(string id, string subject, string text) =>
        $"From: Site <no-reply@site.example>\nTo: alice@example.com\nSubject: {subject}\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{id}-{Guid.NewGuid():n}@site.example>\n\n{text}\n";

    private static string SignUp(int i) =>
        $"From: Letters <letters@site{i}.example>\nTo: alice@example.com\nSubject: Please confirm your subscription\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{Guid.NewGuid():n}@site{i}.example>\nList-Unsubscribe: <https://site{i}.example/u>\n\nThank you for your interest in site {i}. Click here to confirm.\n";
}
