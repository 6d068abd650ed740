using Sternpost.Filter.Evidence;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class BombTests
{
    [Fact]
    public async Task A_burst_of_sign_ups_goes_to_Junk_and_its_owner_is_told_once()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var warned = new TaskCompletionSource<(long, int, int)>();
        world.Evidence.WarnOfBomb = (account, messages, domains) =>
        {
            warned.SetResult((account, messages, domains));
            return default;
        };
        for (var i = 0; i < 15; i++) Assert.Equal(Disposition.Accept, (await world.ReceiveAsync(SignUp(i), $"198.51.{i}.7")).Copies[0].Verdict.Disposition);
        Assert.Equal((world.Ids["alice"], 15, 15), await warned.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        var next = (await world.ReceiveAsync(SignUp(99), "203.0.113.7")).Copies[0].Verdict;
        Assert.Equal(Disposition.Junk, next.Disposition);
        Assert.Contains("signed up", next.Reason, StringComparison.Ordinal);

        // Others' mail, codes and what is no program's letter come as always.
        Assert.Equal(Disposition.Accept, (await world.ReceiveAsync(SignUp(98), "203.0.113.8", to: "bob")).Copies[0].Verdict.Disposition);
        Assert.Equal(Disposition.Accept, (await world.ReceiveAsync(SignUp(97).Replace("Click here to confirm.", "Your code is 482913.", StringComparison.Ordinal), "203.0.113.9")).Copies[0].Verdict.Disposition);
        Assert.Equal(Disposition.Accept, (await world.ReceiveAsync("From: Ann <ann@person.example>\nTo: alice@example.com\nSubject: Tuesday\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <t@person.example>\n\nAre you coming?\n", "203.0.113.10")).Copies[0].Verdict.Disposition);

        world.Time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(Disposition.Accept, (await world.ReceiveAsync(SignUp(50), "203.0.113.7")).Copies[0].Verdict.Disposition);
    }

    [Fact]
    public async Task Many_letters_of_one_sender_are_no_bomb()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        for (var i = 0; i < 30; i++) Assert.Equal(Disposition.Accept, (await world.ReceiveAsync(SignUp(1))).Copies[0].Verdict.Disposition);
    }

    [Theory]
    [InlineData("Your code", "123456 is your code.", true)]
    [InlineData("Sign in to Example", "Use the one-time passcode 84-2913 within ten minutes", true)]
    [InlineData("123 456 is your verification code", "", true)]
    [InlineData("Ihr Bestätigungscode", "Ihr Code lautet G-481920", true)]
    [InlineData("您的验证码", "您的验证码是 482913", true)]
    [InlineData("Confirm your subscription", "Click here to confirm. You signed up on 4 May 2026.", false)]
    [InlineData("Invoice", "Invoice 4711 over $1200 is due. Visit our verified shop.", false)]
    [InlineData("Meeting", "We meet at 12:30 in the hall; log in to the calendar for more.", false)]
    public void Login_codes_are_told_from_other_numbers(string subject, string text, bool expected)
    {
        Assert.Equal(expected, LoginCodes.IsIn(Letter.Judged($"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n")));
    }

    private static string SignUp(int i) =>
        $"From: Letters <letters@site{i}.example>\nTo: alice@example.com\nSubject: Please confirm your subscription\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{Guid.NewGuid():n}@site{i}.example>\nList-Unsubscribe: <https://site{i}.example/u>\n\nThank you for your interest in site {i}. Click here to confirm.\n";
}
