using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace Sternpost.Scenarios.Harness;

/// <summary>An account opened with MailKit over IMAPS.</summary>
public static class Mailbox
{
    public static async Task<ImapClient> OpenAsync(IMailServer server, string account)
    {
        var client = new ImapClient
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && server.Trusts(leaf),
        };
        await client.ConnectAsync("localhost", server.Ports["imaps"], SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync(account, server.Passwords[account]);
        return client;
    }

    /// <summary>Whether the server lets an account in.</summary>
    public static async Task<bool> SignsInAsync(IMailServer server, string account)
    {
        try
        {
            using var client = await OpenAsync(server, account);
            return true;
        }
        catch (AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>Returns once the inbox, which is open, has a message.</summary>
    public static Task WaitForMailAsync(ImapClient client) => Wait.UntilAsync(async () =>
    {
        await client.NoOpAsync();
        return client.Inbox!.Count > 0;
    });

    /// <summary>BODY.PEEK[] of one message of an open folder.</summary>
    public static async Task<byte[]> ContentAsync(IMailFolder folder, int index)
    {
        await using var stream = await folder.GetStreamAsync(index, "");
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>BODY.PEEK[] of every message, in uid order.</summary>
    public static async Task<List<(uint Uid, byte[] Content)>> ContentsAsync(IMailFolder folder)
    {
        await folder.OpenAsync(FolderAccess.ReadOnly);
        var contents = new List<(uint, byte[])>();
        foreach (var uid in await folder.SearchAsync(MailKit.Search.SearchQuery.All))
        {
            await using var stream = await folder.GetStreamAsync(uid, "");
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            contents.Add((uid.Id, copy.ToArray()));
        }
        return contents;
    }
}
