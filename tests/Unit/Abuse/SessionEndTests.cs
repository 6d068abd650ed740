using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Messages.Addresses;
using Sternpost.Unit.Abuse.Harness;

namespace Sternpost.Unit.Abuse;

/// <summary>Open sessions end when what they signed in with is no longer good: of all protocols, and nobody else's.</summary>
public sealed class SessionEndTests
{
    private static readonly EmailAddress Alice = EmailAddress.Parse("alice@here.test");

    [Theory]
    [InlineData("suspend")]
    [InlineData("password")]
    [InlineData("remove")]
    [InlineData("elsewhere")]
    public async Task Sessions_end_when_the_account_or_its_password_is_no_longer_good(string how)
    {
        await using var server = await SendingServer.StartAsync(null, "alice@here.test", "bob@here.test");
        await using var smtp = await server.SignInAsync("alice@here.test");
        await using var other = await server.SignInAsync("bob@here.test");
        using var imap = await ReaderAsync(server, "imaps", "a1 LOGIN alice@here.test \"" + SendingServer.Password + "\"", "a1 OK");
        using var idle = await ReaderAsync(server, "imaps", "a1 LOGIN alice@here.test \"" + SendingServer.Password + "\"", "a1 OK", "a2 SELECT INBOX", "a2 OK", "a3 IDLE", "+ ");
        using var pop = await ReaderAsync(server, "pop3s", "USER alice@here.test", "+OK", "PASS " + SendingServer.Password, "+OK");
        using var sieve = await ManageSieveAsync(server);
        await SendingServer.UntilAsync(() => Task.FromResult(server.Parts.Sessions.Count == 6), "six sessions");
        switch (how)
        {
            case "suspend":
                await server.Parts.Directory.SetStatusAsync(Alice, AccountStatus.Suspended, default);
                break;
            case "password":
                server.Time.Advance(TimeSpan.FromMilliseconds(1));
                await server.Parts.Directory.SetPasswordAsync(Alice, "another password entirely", default);
                break;
            case "remove":
                await server.Parts.Directory.RemoveAccountAsync(Alice, default);
                break;
            default:
                // The command line beside the server.
                await using (var database = await Sternpost.Storage.Database.OpenAsync(server.Parts.Database.Folder, server.Time, default))
                {
                    await new AccountDirectory(database, server.Time).SetStatusAsync(Alice, AccountStatus.Suspended, default);
                }
                break;
        }
        await server.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(6), () => Task.FromResult(server.Parts.Sessions.Count == 1), "alice's sessions to end");
        Assert.StartsWith("421 4.7.0 This sign-in is no longer valid", await smtp.ReplyAsync());
        Assert.Contains("* BYE This sign-in is no longer valid", await RestAsync(imap));
        Assert.Contains(how == "remove" ? "* BYE" : "* BYE This sign-in is no longer valid", await RestAsync(idle));
        Assert.Contains("-ERR [AUTH] This sign-in is no longer valid", await RestAsync(pop));
        Assert.Contains("BYE \"This sign-in is no longer valid", await RestAsync(sieve));
        Assert.StartsWith("250", await other.SendAsync("someone@outside.test"));
    }

    [Fact]
    public async Task An_app_password_that_is_ended_ends_its_own_sessions_alone()
    {
        await using var server = await SendingServer.StartAsync(null, "alice@here.test");
        var book = new AppPasswordBook(server.Parts.Database, server.Parts.Directory, server.Time);
        var (made, secret) = await book.AddAsync(Alice, "phone", default);
        await using var phone = await server.SignInAsync("alice@here.test", password: secret);
        await using var own = await server.SignInAsync("alice@here.test");
        Assert.True(await book.RemoveAsync(made.AccountId, "phone", default));
        await server.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(6), () => Task.FromResult(server.Parts.Sessions.Count == 1), "the phone's session to end");
        Assert.StartsWith("421", await phone.ReplyAsync());
        Assert.StartsWith("250", await own.SendAsync("someone@outside.test"));
    }

    // Begins in clear, unlike the others.
    private static async Task<StreamReader> ManageSieveAsync(SendingServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port("managesieve"));
        var clear = client.GetStream();
        await UntilAsync(new StreamReader(clear, Encoding.ASCII), "OK");
        await clear.WriteAsync("STARTTLS\r\n"u8.ToArray());
        await UntilAsync(new StreamReader(clear, Encoding.ASCII), "OK");
        var tls = new SslStream(clear, false, SendingServer.Trusts);
        await tls.AuthenticateAsClientAsync("mail.here.test");
        var reader = new StreamReader(tls, Encoding.ASCII);
        await UntilAsync(reader, "OK");
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"AUTHENTICATE \"PLAIN\" \"{Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0alice@here.test\0{SendingServer.Password}"))}\"\r\n"));
        await UntilAsync(reader, "OK");
        return reader;
    }

    private static async Task UntilAsync(StreamReader reader, string beginning)
    {
        string? line;
        do line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        while (line is not null && !line.StartsWith(beginning, StringComparison.Ordinal));
        Assert.NotNull(line);
    }

    private static async Task<StreamReader> ReaderAsync(SendingServer server, string door, params string[] dialogue)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port(door));
        var tls = new SslStream(client.GetStream(), false, SendingServer.Trusts);
        await tls.AuthenticateAsClientAsync("mail.here.test");
        var reader = new StreamReader(tls, Encoding.ASCII);
        await reader.ReadLineAsync();
        for (var i = 0; i < dialogue.Length; i += 2)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes(dialogue[i] + "\r\n"));
            await UntilAsync(reader, dialogue[i + 1]);
        }
        return reader;
    }

    private static Task<string> RestAsync(StreamReader reader) => reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
}
