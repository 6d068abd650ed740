using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Queue;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Schedule;

namespace Sternpost.Unit.Queue.Reputation;

/// <summary>Less on 421 and 4.7.x, more after clean hours, for all domains of a provider.</summary>
public class ProviderRatesTests
{
    [Theory]
    [InlineData("gmail-smtp-in.l.google.com", "google.com")]
    [InlineData("company.mail.protection.outlook.com", "outlook.com")]
    [InlineData("mx1.example.co.uk.", "example.co.uk")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    public void Servers_are_grouped_by_whose_they_are(string host, string provider) => Assert.Equal(provider, ProviderRates.ProviderOf(host));

    [Fact]
    public async Task Nobody_is_limited_before_he_asks_for_less_and_half_is_what_he_gets_then()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var rates = new ProviderRates(queue.Database, queue.Time, NullLogger.Instance);
        for (var i = 0; i < 120; i++)
        {
            Assert.Null(rates.Take("big.test"));
            queue.Time.Advance(TimeSpan.FromSeconds(0.5));
        }
        await rates.PutOffAsync("big.test", "421 4.7.28 less", default);
        // 120 in a minute was too much, so 60: one a second.
        var wait = rates.Take("big.test");
        Assert.InRange(wait!.Value.TotalSeconds, 0.9, 1.1);
        queue.Time.Advance(wait.Value);
        Assert.Null(rates.Take("big.test"));
        Assert.NotNull(rates.Take("big.test"));
        Assert.Null(rates.Take("other.test"));

        // The next words within a minute are about what was under way already.
        await rates.PutOffAsync("big.test", "421 less", default);
        Assert.Equal(60, Assert.Single(await queue.Inspection.RatesAsync(default)).MessagesPerMinute, 1.0);
        queue.Time.Advance(TimeSpan.FromMinutes(2));
        await rates.PutOffAsync("big.test", "421 less", default);
        Assert.Equal(30, Assert.Single(await queue.Inspection.RatesAsync(default)).MessagesPerMinute, 1.0);
    }

    [Fact]
    public async Task Clean_hours_let_it_grow_until_it_is_gone()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var rates = new ProviderRates(queue.Database, queue.Time, NullLogger.Instance);
        rates.Take("big.test");
        await rates.PutOffAsync("big.test", "421 less", default);
        Assert.NotNull(rates.Take("big.test"));
        queue.Time.Advance(TimeSpan.FromHours(2));
        rates.Take("big.test");
        for (var hours = 0; hours < 12; hours++)
        {
            queue.Time.Advance(TimeSpan.FromHours(1));
            rates.Take("big.test");
        }
        for (var i = 0; i < 1000; i++) Assert.Null(rates.Take("big.test"));
    }

    [Fact]
    public async Task The_next_process_goes_on_with_it()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var rates = new ProviderRates(queue.Database, queue.Time, NullLogger.Instance);
        rates.Take("big.test");
        await rates.PutOffAsync("big.test", "421 less", default);
        var next = new ProviderRates(queue.Database, queue.Time, NullLogger.Instance);
        await next.LoadAsync(default);
        Assert.NotNull(next.Take("big.test"));
    }

    [Fact]
    public async Task A_provider_that_asks_for_less_gets_its_mail_more_slowly_but_all_of_it()
    {
        var asked = 0;
        await using var sink = new MailSink { Answer = command => command.StartsWith("MAIL") && Interlocked.Increment(ref asked) == 3 ? "421 4.7.0 Too much from you" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { RetryDelays = [TimeSpan.FromMinutes(1)], RestAfterFailure = TimeSpan.FromSeconds(1) });
        queue.Domain("dest.test");
        for (var i = 0; i < 6; i++) await queue.SubmitAsync($"u{i}@dest.test");
        await queue.StartAsync();
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(20), queue.IsEmptyAsync, "an empty queue");
        Assert.Equal(6, sink.RecipientsTaken.Distinct().Count());
        Assert.Equal(6, sink.RecipientsTaken.Count());
        Assert.Equal("dest.test", Assert.Single(await queue.Inspection.RatesAsync(default)).Provider);
    }

    [Fact]
    public async Task Greylisting_is_no_word_about_the_amount()
    {
        var asked = 0;
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") && Interlocked.Increment(ref asked) == 1 ? "450 4.7.1 Greylisted, come back" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { RetryDelays = [TimeSpan.FromMinutes(1)] });
        queue.Domain("dest.test");
        await queue.SubmitAsync("a@dest.test");
        await queue.StartAsync();
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(20), queue.IsEmptyAsync, "an empty queue");
        Assert.Empty(await queue.Inspection.RatesAsync(default));
    }
}
