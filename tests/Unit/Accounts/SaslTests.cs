using System.Net;
using System.Text;
using CsCheck;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

public class SaslTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private const string Good = AccountsFolder.Password;

    [Theory]
    [InlineData("\0alice@example.com\0" + Good, "alice@example.com")]
    [InlineData("Alice@Example.com\0alice@example.com\0" + Good, "alice@example.com")]
    [InlineData("bob@example.com\0alice@example.com\0" + Good, "Credentials")]
    [InlineData("\0alice@example.com\0wrong password", "Credentials")]
    [InlineData("\0nobody@example.com\0" + Good, "Credentials")]
    [InlineData("\0alice@example.com\0", "Malformed")]
    [InlineData("\0\0" + Good, "Malformed")]
    [InlineData("", "Malformed")]
    [InlineData("alice@example.com\0" + Good, "Malformed")]
    [InlineData("\0alice@example.com\0a\0b", "Malformed")]
    public async Task Plain(string response, string expected)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var exchange = folder.Sasl.Begin("plain", Client, null)!;
        Assert.Empty(Assert.IsType<SaslStep.Challenge>(await exchange.StepAsync(null, default)).Data);
        Assert.Equal(expected, Outcome(await exchange.StepAsync(Encoding.UTF8.GetBytes(response), default)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await exchange.StepAsync([], default));
    }

    [Fact]
    public async Task Login_asks_for_the_name_and_the_password()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var exchange = folder.Sasl.Begin("LOGIN", Client, null)!;
        Assert.Equal("Username:", Challenge(await exchange.StepAsync(null, default)));
        Assert.Equal("Password:", Challenge(await exchange.StepAsync("alice@example.com"u8.ToArray(), default)));
        Assert.Equal("alice@example.com", Outcome(await exchange.StepAsync(Encoding.UTF8.GetBytes(Good), default)));

        // With an initial response, which must be the name.
        exchange = folder.Sasl.Begin("LOGIN", Client, null)!;
        Assert.Equal("Password:", Challenge(await exchange.StepAsync("alice@example.com"u8.ToArray(), default)));
        Assert.Equal("Credentials", Outcome(await exchange.StepAsync("wrong password"u8.ToArray(), default)));

        Assert.Equal("Malformed", Outcome(await folder.Sasl.Begin("LOGIN", Client, null)!.StepAsync([], default)));
        Assert.Equal("Malformed", Outcome(await folder.Sasl.Begin("LOGIN", Client, null)!.StepAsync([0xff], default)));
    }

    [Theory]
    [InlineData("CRAM-MD5")]
    [InlineData("")]
    [InlineData("XOAUTH2")]
    [InlineData("PLAIN ")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    public async Task What_was_not_offered_is_unknown(string mechanism)
    {
        await using var folder = await AccountsFolder.CreateAsync();
        Assert.Null(folder.Sasl.Begin(mechanism, Client, null));
    }

    [Fact]
    public async Task Each_mechanism_offered_begins()
    {
        await using var folder = await AccountsFolder.CreateAsync();
        Assert.All(SaslServer.Mechanisms(channelBinding: true), name => Assert.NotNull(folder.Sasl.Begin(name, Client, [1])));
        Assert.All(SaslServer.Mechanisms(channelBinding: false), name => Assert.NotNull(folder.Sasl.Begin(name, Client, null)));
    }

    [Fact]
    public async Task A_response_of_any_length_but_the_allowed_is_malformed()
    {
        await using var folder = await AccountsFolder.CreateAsync();
        foreach (var name in SaslServer.Mechanisms(channelBinding: true))
        {
            Assert.Equal("Malformed", Outcome(await folder.Sasl.Begin(name, Client, [1])!.StepAsync(new byte[5000], default)));
        }
    }

    [Fact]
    public async Task Rubbish_is_refused_and_never_thrown_at()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        // Pieces of all the mechanisms' grammars in any order, cut and joined at random, with raw octets between.
        string[] pieces = ["n,", "y,", "p=tls-server-end-point,", "p=", "a=alice@example.com,", ",", "n=alice@example.com", "n=a=2Cb=3D", "n==", "r=", "r=abc", "c=biws", "c==", ",p=", ",p=AAAA", "m=x,", "\0", "=", "ü", "\uFFFD", "alice@example.com"];
        var mechanisms = SaslServer.Mechanisms(channelBinding: true).ToArray();
        var piece = Gen.OneOf(Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Select(text => Encoding.UTF8.GetBytes(text)), Gen.Byte.Array[0, 6]);
        await Gen.Select(Gen.Int[0, mechanisms.Length - 1].Select(i => mechanisms[i]), piece.Array[0, 8].Array[1, 4], Gen.Int[1, 250]).SampleAsync(
            async (mechanism, responses, host) =>
            {
                var exchange = folder.Sasl.Begin(mechanism, new IPAddress([10, 0, 0, (byte)host]), [1, 2, 3])!;
                foreach (var response in responses)
                {
                    if (await exchange.StepAsync([.. response.SelectMany(octets => octets)], default) is not SaslStep.Failure failure) continue;
                    Assert.DoesNotContain(failure.LogReason, char.IsControl);
                    return;
                }
            },
            iter: 3000, threads: 1);
    }

    private static string Outcome(SaslStep step) => step switch
    {
        SaslStep.Success success => success.Account.Address.ToString(),
        SaslStep.Failure failure => failure.Kind.ToString(),
        _ => step.ToString(),
    };

    private static string Challenge(SaslStep step) => Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(step).Data);
}
