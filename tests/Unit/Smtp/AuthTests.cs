using System.Text;
using MailKit.Security;
using MimeKit;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Messages.Addresses;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>AUTH (RFC 4954), with a client others wrote where it matters.</summary>
public sealed class AuthTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync(ownSasl: true);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("PLAIN", "submissions")]
    [InlineData("LOGIN", "submissions")]
    [InlineData("SCRAM-SHA-256", "submissions")]
    [InlineData("SCRAM-SHA-256-PLUS", "submissions")]
    [InlineData("PLAIN", "submission")]
    [InlineData("SCRAM-SHA-256-PLUS", "submission")]
    public async Task MailKit_signs_in_and_sends(string mechanism, string door)
    {
        using var client = await OpenAsync(door);
        SaslMechanism sasl = mechanism switch
        {
            "PLAIN" => new SaslMechanismPlain("alice@here.test", World.Password),
            "LOGIN" => new SaslMechanismLogin("alice@here.test", World.Password),
            "SCRAM-SHA-256" => new SaslMechanismScramSha256("alice@here.test", World.Password),
            _ => new SaslMechanismScramSha256Plus("alice@here.test", World.Password),
        };
        await client.AuthenticateAsync(sasl);
        var message = new MimeMessage([MailboxAddress.Parse("alice@here.test")], [MailboxAddress.Parse("bob@here.test")], mechanism, new TextPart("plain") { Text = "Hello" });
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
        var taken = host.Intake.Single;
        Assert.Equal("alice@here.test", taken.Submitter!.Address.Key);
        Assert.Equal(("ESMTPSA", "alice@here.test"), (taken.Session.Protocol, taken.Session.Account!.Key));
        Assert.Null(taken.Judgement);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    public async Task An_app_password_is_proved_as_well_as_the_own_one(string mechanism)
    {
        const string account = "grüße@here.test";
        var world = await World.GetAsync();
        var book = new AppPasswordBook(world.Database, world.Directory, TimeProvider.System);
        var (made, secret) = await book.AddAsync(EmailAddress.Parse(account), mechanism, default);
        var (ended, old) = await book.AddAsync(EmailAddress.Parse(account), "old " + mechanism, default);
        // A new password of one's own leaves them as they are.
        await world.Directory.SetPasswordAsync(EmailAddress.Parse(account), World.Password, default);
        await book.RemoveAsync(ended.AccountId, ended.Name, default);
        foreach (var password in (string[])[World.Password, secret, secret.Replace("-", "", StringComparison.Ordinal)])
        {
            using var client = await OpenAsync("submissions");
            await client.AuthenticateAsync(Sasl(password));
        }
        using var refused = await OpenAsync("submissions");
        await Assert.ThrowsAsync<AuthenticationException>(() => refused.AuthenticateAsync(Sasl(old)));
        Assert.NotNull((await book.ListAsync(made.AccountId, default)).Single(password => password.Id == made.Id).Used);

        SaslMechanism Sasl(string password) => mechanism == "SCRAM-SHA-256" ? new SaslMechanismScramSha256(account, password) : new SaslMechanismScramSha256Plus(account, password);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    public async Task A_wrong_password_and_an_unknown_name_are_answered_alike(string mechanism)
    {
        foreach (var (name, password) in new[] { ("bob@here.test", "wrong"), ("nobody@here.test", World.Password) })
        {
            using var client = await OpenAsync("submissions");
            SaslMechanism sasl = mechanism switch
            {
                "PLAIN" => new SaslMechanismPlain(name, password),
                "LOGIN" => new SaslMechanismLogin(name, password),
                "SCRAM-SHA-256" => new SaslMechanismScramSha256(name, password),
                _ => new SaslMechanismScramSha256Plus(name, password),
            };
            var refused = await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(sasl));
            Assert.StartsWith("535: 5.7.8 Name or password is wrong", refused.Message);
        }
    }

    [Fact]
    public Task Nobody_signs_in_in_clear() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        S: 538 5.7.11 *STARTTLS*
        C: MAIL FROM:<alice@here.test>
        S: 530 5.7.0 *STARTTLS*
        """, "submission");

    [Fact]
    public Task Nobody_signs_in_at_the_MX_port() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: STARTTLS
        S: 220 *
        TLS
        C: EHLO client.example
        S: 250 *
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        S: 503 5.7.0 *465 or 587*
        """);

    [Fact]
    public Task Exchanges_that_come_to_nothing() => host.PlayAsync("""
        S: 220 *
        C: AUTH PLAIN
        S: 503 5.5.1 Say EHLO first
        C: EHLO client.example
        S: 250 *
        C: AUTH
        S: 501 5.5.4 *
        C: AUTH CRAM-MD5
        S: 504 5.5.4 *
        C: AUTH PLAIN
        S: 334*
        C: *
        S: 501 5.7.0 *
        C: AUTH PLAIN not!base64
        S: 501 5.5.2 *
        C: AUTH LOGIN
        S: 334 *
        C: not!base64
        S: 501 5.5.2 *
        C: NOOP
        S: 250 *
        """, "submissions");

    [Fact]
    public Task A_response_that_is_too_long() => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: AUTH PLAIN
        S: 334*
        C: {new string('A', 12289)}
        S: 500 5.5.6 *
        C: NOOP
        S: 250 *
        """, "submissions");

    [Fact]
    public async Task Once_signed_in_never_again_and_not_in_a_transaction()
    {
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes("\0alice@here.test\0" + World.Password));
        await host.PlayAsync($"""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: AUTH PLAIN {plain}
            S: 235 2.7.0 *
            C: AUTH PLAIN {plain}
            S: 503 5.5.1 *
            C: EHLO client.example
            S: 250 mail.here.test greets client.example / PIPELINING / SIZE 52428800 / 8BITMIME / SMTPUTF8 / CHUNKING / DSN / ENHANCEDSTATUSCODES / REQUIRETLS / LIMITS *
            C: MAIL FROM:<alice@here.test> AUTH=<>
            S: 250 2.1.0 *
            """, "submissions");
    }

    [Fact]
    public async Task A_suspended_account_sends_nothing_more_on_a_connection_it_has()
    {
        var world = await World.GetAsync();
        var address = EmailAddress.Parse($"temporary{Guid.NewGuid():N}@here.test");
        await world.Directory.AddAccountAsync(address, World.Password, "", false, 0, default);
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{address.Key}\0{World.Password}"));
        await using var conversation = await host.ConnectAsync("submissions");
        await conversation.PlayAsync($"S: 220 *\nC: EHLO client.example\nS: 250 *\nC: AUTH PLAIN {plain}\nS: 235 *\nC: MAIL FROM:<{address.Key}>\nS: 250 *\nC: RSET\nS: 250 *");
        await world.Directory.SetStatusAsync(address, AccountStatus.Suspended, default);
        await conversation.PlayAsync($"C: MAIL FROM:<{address.Key}>\nS: 535 5.7.8 *may not send now*");
    }

    private async Task<MailKit.Net.Smtp.SmtpClient> OpenAsync(string door)
    {
        var client = new MailKit.Net.Smtp.SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = World.Trusts };
        await client.ConnectAsync("127.0.0.1", host.Port(door), door == "submissions" ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls);
        return client;
    }
}
