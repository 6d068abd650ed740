using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.SecondFactors;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

/// <summary>What is asked for beside the password: by whom, how often it is good, and what guessing costs.</summary>
public sealed class SecondFactorTests
{
    private const string Alice = "alice@example.com";
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.7");

    // RFC 6238, appendix B: the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.True(OneTimeCode.TryFind(secret, code, now, out var step));
        Assert.Equal(seconds / 30, step);
        Assert.True(OneTimeCode.TryFind(secret, code.Insert(3, " "), now.AddSeconds(30), out _));
        Assert.False(OneTimeCode.TryFind(secret, code, now.AddSeconds(90), out _));
        foreach (var wrong in (string[])["", "1", code + "0", "abcdef", "１２３４５６", code[..5] + "x"]) Assert.False(OneTimeCode.TryFind(secret, wrong, now, out _));
    }

    [Fact]
    public async Task It_counts_from_the_first_right_code_and_then_the_password_alone_opens_nothing()
    {
        await using var folder = await CreateAsync(Alice);
        var (book, sasl, id) = await OpenAsync(folder);
        Assert.Null(await book.ConfirmCodesAsync(id, "000000", default));
        var secret = Secret(book.BeginCodes(id));
        Assert.Null(await book.ConfirmCodesAsync(id, Wrong(secret, folder.Time.GetUtcNow()), default));
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync(Alice, Password, Home, default));
        Assert.False((await book.StateAsync(id, default)).IsOn);

        var recovery = await book.ConfirmCodesAsync(id, Code(secret, folder.Time.GetUtcNow()), default);
        Assert.Equal(10, recovery!.Distinct().Count());
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.LoginAsync(Alice, Password, Home, default)));
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.Begin("PLAIN", Home, null)!.StepAsync(Encoding.UTF8.GetBytes($"\0{Alice}\0{Password}"), default)));
        // Who does not know the password does not learn that there is a second factor.
        Assert.Equal(SaslFailure.Credentials, Refused(await sasl.LoginAsync(Alice, "wrong password", Home, default)));
        Assert.Null(await sasl.ConfirmAsync((await folder.Directory.FindAccountAsync(Address(Alice), default))!, Password, Home, default));

        var (_, program) = await new AppPasswordBook(folder.Database, folder.Directory, folder.Time).AddAsync(Address(Alice), "phone", default);
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync(Alice, program, Home, default));

        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.SignInAsync(Alice, Password, null, Home, default)));
        // The code that turned it on is used up.
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.SignInAsync(Alice, Password, Code(secret, folder.Time.GetUtcNow()), Home, default)));
        folder.Time.Advance(TimeSpan.FromSeconds(30));
        var now = Code(secret, folder.Time.GetUtcNow());
        Assert.IsType<SaslStep.Success>(await sasl.SignInAsync(Alice, Password, now, Home, default));
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.SignInAsync(Alice, Password, now, Home, default)));
        Assert.Equal(SaslFailure.Credentials, Refused(await sasl.SignInAsync(Alice, "wrong password", Code(secret, folder.Time.GetUtcNow().AddSeconds(30)), Home, default)));

        Assert.IsType<SaslStep.Success>(await sasl.SignInAsync(Alice, Password, recovery![3].ToUpperInvariant(), Home, default));
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.SignInAsync(Alice, Password, recovery[3], Home, default)));
        Assert.Equal(9, (await book.StateAsync(id, default)).RecoveryCodes);
        var renewed = await book.RenewRecoveryCodesAsync(id, default);
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.SignInAsync(Alice, Password, recovery[4], Home, default)));
        Assert.IsType<SaslStep.Success>(await sasl.SignInAsync(Alice, Password, renewed[0], Home, default));

        Assert.True(await book.ResetAsync(Address(Alice), default));
        Assert.False(await book.ResetAsync(Address(Alice), default));
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync(Alice, Password, Home, default));
        Assert.Equal(0, (await book.StateAsync(id, default)).RecoveryCodes);
    }

    [Fact]
    public async Task SCRAM_with_the_accounts_own_password_is_refused_too_and_with_an_app_password_it_is_not()
    {
        await using var folder = await CreateAsync(Alice);
        var (book, sasl, id) = await OpenAsync(folder);
        var (made, secret) = await new AppPasswordBook(folder.Database, folder.Directory, folder.Time).AddAsync(Address(Alice), "phone", default);
        await TurnOnAsync(folder, book, id);
        Assert.Equal(SaslFailure.SecondFactor, Refused(await ScramAsync(sasl, Password)));
        Assert.Equal(made.Id, Assert.IsType<SaslStep.Success>(await ScramAsync(sasl, secret)).AppPassword!.Id);
    }

    private static async Task<SaslStep> ScramAsync(SaslServer sasl, string password)
    {
        var exchange = sasl.Begin("SCRAM-SHA-256", Home, null)!;
        var first = Assert.IsType<SaslStep.Challenge>(await exchange.StepAsync(Encoding.ASCII.GetBytes($"n,,n={Alice},r=abcdef"), default));
        var said = Encoding.ASCII.GetString(first.Data);
        var parts = said.Split(',').ToDictionary(part => part[0], part => part[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(parts['s']), int.Parse(parts['i']), HashAlgorithmName.SHA256, 32);
        var key = HMACSHA256.HashData(salted, "Client Key"u8);
        var without = $"c=biws,r={parts['r']}";
        var signature = HMACSHA256.HashData(SHA256.HashData(key), Encoding.ASCII.GetBytes($"n={Alice},r=abcdef,{said},{without}"));
        for (var i = 0; i < key.Length; i++) key[i] ^= signature[i];
        return await exchange.StepAsync(Encoding.ASCII.GetBytes($"{without},p={Convert.ToBase64String(key)}"), default);
    }

    [Fact]
    public async Task Guessing_codes_ends_soon_wherever_it_is_done_from_and_whatever_was_right_before()
    {
        await using var folder = await CreateAsync(Alice);
        var (book, sasl, id) = await OpenAsync(folder);
        // The thief has the password, and signed in here before the second factor was on.
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync(Alice, Password, Home, default));
        var (secret, recovery) = await TurnOnAsync(folder, book, id);
        var asked = 0;
        for (; asked < 100; asked++)
        {
            var client = IPAddress.Parse($"192.0.2.{7 + asked}");
            if (Refused(await sasl.SignInAsync(Alice, Password, Wrong(secret, folder.Time.GetUtcNow()), client, default)) == SaslFailure.TooMany) break;
        }
        Assert.Equal(10, asked);
        // Not even what is right is looked at then.
        Assert.Equal(SaslFailure.TooMany, Refused(await sasl.SignInAsync(Alice, Password, Code(secret, folder.Time.GetUtcNow().AddSeconds(30)), Home, default)));
        Assert.Equal(SaslFailure.TooMany, Refused(await sasl.SignInAsync(Alice, Password, recovery[0], Home, default)));
        folder.Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<SaslStep.Success>(await sasl.SignInAsync(Alice, Password, Code(secret, folder.Time.GetUtcNow()), Home, default));
    }

    [Fact]
    public async Task A_thousand_guesses_at_once_are_counted_one_by_one()
    {
        await using var folder = await CreateAsync(Alice);
        var (book, sasl, id) = await OpenAsync(folder);
        var (secret, _) = await TurnOnAsync(folder, book, id);
        Refused(await sasl.LoginAsync(Alice, Password, Home, default));
        var wrong = Wrong(secret, folder.Time.GetUtcNow());
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => Task.Run(async () => Refused(await sasl.SignInAsync(Alice, Password, wrong, IPAddress.Parse($"198.51.{n / 250}.{n % 250}"), default)))));
        Assert.Equal(10, answers.Count(answer => answer == SaslFailure.SecondFactor));
    }

    [Fact]
    public async Task A_passkey_whose_counter_does_not_rise_is_a_copy()
    {
        await using var folder = await CreateAsync(Alice, "bob@example.com");
        var (book, sasl, id) = await OpenAsync(folder);
        Assert.Equal(10, (await book.AddPasskeyAsync(id, [1, 2, 3], [4], 5, "mail.example.com", "laptop", default)).Count);
        Assert.Empty(await book.AddPasskeyAsync(id, [1, 2, 4], [4], 0, "mail.example.com", "phone", default));
        await Assert.ThrowsAsync<DirectoryException>(() => book.AddPasskeyAsync(id, [1, 2, 3], [4], 5, "mail.example.com", "again", default).AsTask());
        Assert.Equal(SaslFailure.SecondFactor, Refused(await sasl.LoginAsync(Alice, Password, Home, default)));
        var found = (await book.FindPasskeyAsync([1, 2, 3], default))!.Value.Passkey;
        Assert.True(await book.UsedAsync(found, 6, default));
        Assert.False(await book.UsedAsync(found, 6, default));
        Assert.False(await book.UsedAsync(found, 0, default));
        var uncounted = (await book.FindPasskeyAsync([1, 2, 4], default))!.Value.Passkey;
        Assert.True(await book.UsedAsync(uncounted, 0, default));
        Assert.True(await book.UsedAsync(uncounted, 0, default));
        Assert.Null(await book.FindPasskeyAsync([9], default));
        var other = (await folder.Directory.FindAccountAsync(Address("bob@example.com"), default))!.Id;
        Assert.False(await book.RemovePasskeyAsync(other, found.Id, default));
        await folder.Directory.SetStatusAsync(Address(Alice), AccountStatus.Suspended, default);
        Assert.Null(await book.FindPasskeyAsync([1, 2, 3], default));
        await folder.Directory.SetStatusAsync(Address(Alice), AccountStatus.Active, default);
        Assert.True(await book.RemovePasskeyAsync(id, found.Id, default));
        Assert.True(await book.RemovePasskeyAsync(id, uncounted.Id, default));
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync(Alice, Password, Home, default));
    }

    private static async Task<(SecondFactorBook Book, SaslServer Sasl, long Id)> OpenAsync(AccountsFolder folder)
    {
        var book = new SecondFactorBook(folder.Database, folder.Directory, folder.Time);
        return (book, new SaslServer(folder.Credentials) { SecondFactors = book }, (await folder.Directory.FindAccountAsync(Address(Alice), default))!.Id);
    }

    private static async Task<(byte[] Secret, IReadOnlyList<string> Recovery)> TurnOnAsync(AccountsFolder folder, SecondFactorBook book, long id)
    {
        var secret = Secret(book.BeginCodes(id));
        return (secret, (await book.ConfirmCodesAsync(id, Code(secret, folder.Time.GetUtcNow()), default))!);
    }

    private static SaslFailure Refused(SaslStep step) => Assert.IsType<SaslStep.Failure>(step).Kind;

    private static byte[] Secret(string base32)
    {
        var bits = string.Concat(base32.TrimEnd('=').Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(n => Convert.ToByte(bits.Substring(n * 8, 8), 2))];
    }

    // RFC 4226 §5.3, written once more: what an authenticator program makes.
    private static string Code(byte[] secret, DateTimeOffset at)
    {
        var step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, at.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What the RFC has.
        var digest = HMACSHA1.HashData(secret, step);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(digest.AsSpan(digest[19] & 15)) & int.MaxValue) % 1_000_000).ToString("D6");
    }

    private static string Wrong(byte[] secret, DateTimeOffset at)
    {
        var near = new[] { -30, 0, 30 }.Select(seconds => Code(secret, at.AddSeconds(seconds))).ToHashSet();
        return Enumerable.Range(0, 4).Select(n => n.ToString("D6")).First(code => !near.Contains(code));
    }
}
