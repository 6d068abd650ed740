using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Accounts.Passwords;
using Sternpost.Accounts.Sasl;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

public class ScramTests
{
    private static readonly IPAddress Address1 = IPAddress.Parse("192.0.2.1");
    private static readonly byte[] Binding = SHA256.HashData("a certificate"u8);

    // Its user is called "user", who is no account of ours: the messages go through the parsers and the verifier beneath the exchange.
    [Fact]
    public void The_messages_of_rfc_7677()
    {
        var verifier = ScramVerifier.Make("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        Assert.True(ScramClientFirst.TryParse("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", out var first, out _));
        Assert.Equal(("user", "rOprNGfwEbeRWgbNEkqO", "n,,", ScramBinding.Unsupported), (first.Name, first.Nonce, first.Header, first.Binding));
        Assert.True(ScramClientFinal.TryParse("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", out var final, out _));
        Assert.Equal("n,,", Encoding.ASCII.GetString(final.ChannelBinding));
        var exchanged = Encoding.ASCII.GetBytes(first.Bare + ",r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," + final.WithoutProof);
        Assert.True(verifier.IsProved(exchanged, final.Proof));
        Assert.False(ScramVerifier.Make("pencils"u8, verifier.Salt, 4096).IsProved(exchanged, final.Proof));
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Encoding.ASCII.GetString(verifier.ServerFinal(exchanged)));
    }

    [Theory]
    [InlineData("n,,", false, false)]
    [InlineData("n,,", false, true)]
    [InlineData("y,,", false, false)]
    [InlineData("n,a=alice@example.com,", false, false)]
    [InlineData("p=tls-server-end-point,,", true, true)]
    [InlineData("p=tls-server-end-point,a=Alice@Example.com,", true, true)]
    public async Task The_right_password_is_proved_by_both_sides(string header, bool plus, bool offered)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var client = new ScramClient(folder, header, plus, offered);
        Assert.Equal("alice@example.com", await client.RunAsync());
        Assert.Equal(0, folder.Credentials.HashesMade);
    }

    [Theory]
    // RFC 5802 §6: "y" where -PLUS was offered means somebody took it out of the list.
    [InlineData("y,,", false, true, "Malformed")]
    [InlineData("p=tls-server-end-point,,", false, true, "Malformed")]
    [InlineData("n,,", true, true, "Malformed")]
    [InlineData("y,,", true, true, "Malformed")]
    [InlineData("p=tls-unique,,", true, true, "Malformed")]
    [InlineData("p=,,", true, true, "Malformed")]
    [InlineData("x,,", false, false, "Malformed")]
    [InlineData("n,a=bob@example.com,", false, false, "Credentials")]
    [InlineData("n,b=alice@example.com,", false, false, "Malformed")]
    public async Task A_header_that_does_not_fit_the_mechanism_is_refused(string header, bool plus, bool offered, string expected)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        Assert.Equal(expected, await new ScramClient(folder, header, plus, offered).RunAsync());
    }

    [Fact]
    public async Task Another_certificate_than_the_servers_is_noticed()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        Assert.Equal("Credentials", await new ScramClient(folder, "p=tls-server-end-point,,", true, true) { Bound = SHA256.HashData("the one between"u8) }.RunAsync());
        // The header of the final message differs from the first one's.
        Assert.Equal("Credentials", await new ScramClient(folder, "n,,", false, false) { HeaderAgain = "y,," }.RunAsync());
    }

    [Fact]
    public async Task Wrong_passwords_names_nobody_has_and_suspended_accounts_look_the_same()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        await folder.Directory.SetStatusAsync(Address("bob@example.com"), AccountStatus.Suspended, default);
        var wrong = new ScramClient(folder, "n,,", false, false) { Password = "wrong password" };
        var nobody = new ScramClient(folder, "n,,", false, false) { Name = "nobody@example.com" };
        var again = new ScramClient(folder, "n,,", false, false) { Name = "Nobody@Example.com" };
        var other = new ScramClient(folder, "n,,", false, false) { Name = "someone@example.com" };
        var suspended = new ScramClient(folder, "n,,", false, false) { Name = "bob@example.com" };
        foreach (var client in new[] { wrong, nobody, again, other, suspended }) Assert.Equal("Credentials", await client.RunAsync());

        Assert.Equal(wrong.Salt!.Length, nobody.Salt!.Length);
        Assert.Equal(wrong.Iterations, nobody.Iterations);
        Assert.Equal(nobody.Salt, again.Salt);
        Assert.NotEqual(nobody.Salt, other.Salt);

        // The same after a restart, as it is for a real one.
        await using var restarted = await folder.OpenAgainAsync();
        var later = new ScramClient(restarted, "n,,", false, false) { Name = "nobody@example.com" };
        await later.RunAsync();
        Assert.Equal(nobody.Salt, later.Salt);
    }

    [Fact]
    public async Task A_proof_of_the_old_password_is_worth_nothing_once_it_was_replaced()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var client = new ScramClient(folder, "n,,", false, false) { BeforeProof = () => folder.Directory.SetPasswordAsync(Address("alice@example.com"), "another password", default) };
        Assert.Equal("Credentials", await client.RunAsync());
    }

    [Theory]
    [InlineData("n,,m=ext,n=alice@example.com,r=abc")]
    [InlineData("n,,n=alice@example.com")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=al=ice@example.com,r=abc")]
    [InlineData("n,,n=alice@example.com,r=")]
    [InlineData("n,,n=alice@example.com,r=a b")]
    [InlineData("n,,r=abc,n=alice@example.com")]
    [InlineData("n,n=alice@example.com,r=abc")]
    [InlineData("")]
    public async Task A_first_message_that_is_none_is_malformed(string message)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        Assert.Equal(SaslFailure.Malformed, Assert.IsType<SaslStep.Failure>(await StepAsync(folder.Sasl.Begin("SCRAM-SHA-256", Address1, null)!, message)).Kind);
    }

    [Theory]
    [InlineData("c=biws,r={0}")]
    [InlineData("c=biws,r={0},p=!!!!")]
    [InlineData("c=biws,r={0}x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=abc,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("r={0},c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    public async Task A_final_message_that_is_none_is_malformed(string message)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var exchange = folder.Sasl.Begin("SCRAM-SHA-256", Address1, null)!;
        var nonce = (await ChallengeAsync(exchange, "n,,n=alice@example.com,r=abc")).Split(',')[0][2..];
        Assert.Equal(SaslFailure.Malformed, Assert.IsType<SaslStep.Failure>(await StepAsync(exchange, string.Format(message, nonce))).Kind);
    }

    [Fact]
    public async Task A_short_proof_proves_nothing()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var exchange = folder.Sasl.Begin("SCRAM-SHA-256", Address1, null)!;
        var nonce = (await ChallengeAsync(exchange, "n,,n=alice@example.com,r=abc")).Split(',')[0][2..];
        Assert.Equal(SaslFailure.Credentials, Assert.IsType<SaslStep.Failure>(await StepAsync(exchange, $"c=biws,r={nonce},p=")).Kind);
    }

    private static ValueTask<SaslStep> StepAsync(SaslExchange exchange, string message) => exchange.StepAsync(Encoding.UTF8.GetBytes(message), default);

    private static async Task<string> ChallengeAsync(SaslExchange exchange, string message) =>
        Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(await StepAsync(exchange, message)).Data);

    /// <summary>The client's side, written from RFC 5802 alone.</summary>
    private sealed class ScramClient(AccountsFolder folder, string header, bool plus, bool offered)
    {
        internal string Name { get; init; } = "alice@example.com";

        internal string Password { get; init; } = AccountsFolder.Password;

        internal byte[] Bound { get; init; } = Binding;

        internal string? HeaderAgain { get; init; }

        internal Func<ValueTask>? BeforeProof { get; init; }

        internal string? Salt { get; private set; }

        internal int Iterations { get; private set; }

        internal async Task<string> RunAsync()
        {
            var exchange = folder.Sasl.Begin(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256", Address1, offered ? Binding : null)!;
            var bare = $"n={Name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r=fyko+d2lbbFgONRv9qkxdawL";
            var step = await StepAsync(exchange, header + bare);
            if (step is SaslStep.Failure early) return early.Kind.ToString();
            var serverFirst = Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(step).Data);
            var parts = serverFirst.Split(',');
            Salt = parts[1][2..];
            Iterations = int.Parse(parts[2][2..]);
            var salted = Rfc2898DeriveBytes.Pbkdf2(Password, Convert.FromBase64String(Salt), Iterations, HashAlgorithmName.SHA256, 32);
            var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
            var withoutProof = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(HeaderAgain ?? header), .. plus ? Bound : []])},{parts[0]}";
            var exchanged = Encoding.UTF8.GetBytes($"{bare},{serverFirst},{withoutProof}");
            var proof = HMACSHA256.HashData(SHA256.HashData(clientKey), exchanged);
            for (var i = 0; i < proof.Length; i++) proof[i] ^= clientKey[i];
            if (BeforeProof is not null) await BeforeProof();
            var end = await StepAsync(exchange, $"{withoutProof},p={Convert.ToBase64String(proof)}");
            if (end is SaslStep.Failure failure) return failure.Kind.ToString();
            var success = Assert.IsType<SaslStep.Success>(end);
            var serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), exchanged);
            Assert.Equal("v=" + Convert.ToBase64String(serverSignature), Encoding.ASCII.GetString(success.FinalData!));
            return success.Account.Address.ToString();
        }
    }
}
