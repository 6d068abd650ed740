using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Accounts.Sasl;

namespace Sternpost.Unit.Accounts;

public class FailureCountsTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Twenty_failures_from_one_address_are_too_many_whoever_is_named()
    {
        var counts = new FailureCounts(time);
        for (var i = 0; i < 20; i++)
        {
            Assert.False(counts.IsOver(Home, $"user{i}@example.com"));
            counts.Failed(Home, $"user{i}@example.com", null);
        }
        Assert.True(counts.IsOver(Home, "someone@example.com"));
        Assert.False(counts.IsOver(IPAddress.Parse("192.0.2.2"), "someone@example.com"));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.False(counts.IsOver(Home, "someone@example.com"));
    }

    [Fact]
    public void Ten_failures_for_one_name_are_too_many_wherever_they_come_from()
    {
        var counts = new FailureCounts(time);
        for (var i = 0; i < 10; i++)
        {
            Assert.False(counts.IsOver(Other(i), "alice@example.com"));
            counts.Failed(Other(i), i % 2 == 0 ? "alice@example.com" : "Alice@Example.COM", null);
        }
        Assert.True(counts.IsOver(Other(99), "alice@example.com"));
        Assert.False(counts.IsOver(Other(99), "bob@example.com"));
    }

    [Fact]
    public void Strangers_guesses_do_not_lock_the_owner_out_at_home()
    {
        var counts = new FailureCounts(time);
        counts.Succeeded(Home, "alice@example.com");
        for (var i = 0; i < 60; i++) counts.Failed(Other(i), "alice@example.com", null);
        Assert.True(counts.IsOver(Other(1), "alice@example.com"));
        Assert.False(counts.IsOver(Home, "alice@example.com"));

        // Home is not exempt for that: what comes from there is bound by its own count.
        for (var i = 0; i < 20; i++) counts.Failed(Home, "alice@example.com", null);
        Assert.True(counts.IsOver(Home, "alice@example.com"));
    }

    [Fact]
    public void A_success_does_not_wash_an_address_clean()
    {
        var counts = new FailureCounts(time);
        for (var i = 0; i < 20; i++)
        {
            counts.Failed(Home, "alice@example.com", null);
            counts.Succeeded(Home, "mallory@example.com");
        }
        Assert.True(counts.IsOver(Home, "mallory@example.com"));
    }

    [Fact]
    public void A_guess_every_five_minutes_is_noticed_within_a_day()
    {
        var counts = new FailureCounts(time);
        var guesses = 0;
        while (!counts.IsOver(Home, $"user{guesses}@example.com") && guesses < 1000)
        {
            counts.Failed(Home, $"user{guesses++}@example.com", null);
            time.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.InRange(guesses, 100, 150);
    }

    [Fact]
    public void Guesses_at_one_name_from_ever_new_addresses_stay_below_fifty_a_day()
    {
        var counts = new FailureCounts(time);
        var (made, inLastDay) = (0, 0);
        for (var minute = 0; minute < 3 * 24 * 60; minute++)
        {
            if (!counts.IsOver(Other(minute), "alice@example.com"))
            {
                counts.Failed(Other(minute), "alice@example.com", null);
                made++;
                if (minute >= 2 * 24 * 60) inLastDay++;
            }
            time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.InRange(inLastDay, 1, 50);
        Assert.InRange(made, 50, 200);
    }

    [Fact]
    public void A_device_that_repeats_an_old_password_all_day_locks_nobody_out()
    {
        var counts = new FailureCounts(time);
        var proof = SHA256.HashData("the old password"u8);
        for (var i = 0; i < 24 * 30; i++)
        {
            Assert.False(counts.IsOver(Home, "alice@example.com"));
            counts.Failed(Home, "alice@example.com", proof);
            time.Advance(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public void An_ipv6_network_of_64_bits_is_one_address_and_loopback_is_like_any_other()
    {
        var counts = new FailureCounts(time);
        for (var i = 0; i < 20; i++) counts.Failed(IPAddress.Parse($"2001:db8:1:2::{i + 1}"), $"user{i}@example.com", null);
        Assert.True(counts.IsOver(IPAddress.Parse("2001:db8:1:2:ffff::1"), "x@example.com"));
        Assert.False(counts.IsOver(IPAddress.Parse("2001:db8:1:3::1"), "x@example.com"));
        for (var i = 0; i < 20; i++) counts.Failed(IPAddress.Loopback, $"user{i}@example.com", null);
        Assert.True(counts.IsOver(IPAddress.Parse("::ffff:127.0.0.1"), "x@example.com"));
    }

    [Fact]
    public void A_flood_of_addresses_and_names_takes_bounded_room_and_does_not_push_out_an_offender()
    {
        var counts = new FailureCounts(time);
        for (var i = 0; i < 20; i++) counts.Failed(Home, $"user{i}@example.com", null);
        for (var i = 0; i < 60_000; i++)
        {
            counts.Failed(Other(i), $"name{i}@example.com", BitConverter.GetBytes(i));
            counts.Succeeded(Other(i), $"name{i}@example.com");
        }
        Assert.InRange(counts.Kept, 1, FailureCounts.MaxEntries);
        Assert.True(counts.IsOver(Home, "x@example.com"));
    }

    [Fact]
    public async Task Too_many_failures_stop_every_mechanism_even_with_the_right_password()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(SaslFailure.Credentials, Assert.IsType<SaslStep.Failure>(await folder.Sasl.LoginAsync("alice@example.com", "wrong password " + i, Home, default)).Kind);
        }
        Assert.Equal(SaslFailure.TooMany, Assert.IsType<SaslStep.Failure>(await folder.Sasl.LoginAsync("alice@example.com", AccountsFolder.Password, Home, default)).Kind);
        Assert.Equal(SaslFailure.TooMany, await FirstAsync(folder, "PLAIN", "\0alice@example.com\0" + AccountsFolder.Password));
        Assert.Equal(SaslFailure.TooMany, await FirstAsync(folder, "SCRAM-SHA-256", "n,,n=alice@example.com,r=abc"));
        Assert.Equal(10, folder.Credentials.HashesMade);

        folder.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<SaslStep.Success>(await folder.Sasl.LoginAsync("alice@example.com", AccountsFolder.Password, Home, default));
    }

    [Fact]
    public async Task Many_guesses_at_once_get_no_more_tries_than_one_after_another()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var steps = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(async () => await folder.Sasl.LoginAsync("alice@example.com", "wrong password " + i, Home, default))));
        Assert.Equal(60, steps.Count(step => step is SaslStep.Failure));
        Assert.InRange(folder.Credentials.HashesMade, 10, 10 + Environment.ProcessorCount);
    }

    private static async Task<SaslFailure> FirstAsync(AccountsFolder folder, string mechanism, string message) =>
        Assert.IsType<SaslStep.Failure>(await folder.Sasl.Begin(mechanism, Home, null)!.StepAsync(Encoding.UTF8.GetBytes(message), default)).Kind;

    private static IPAddress Other(int i) => new([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
}
