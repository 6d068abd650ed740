using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Sternpost.Commands;
using Sternpost.Mailboxes;

namespace Sternpost.Migration;

/// <summary>Another server, read over IMAP; nothing there is changed. Of Gmail's folder of all mail only what is in no other folder is taken.</summary>
internal sealed class ImapSource : IMailSource
{
    private readonly ImapClient client;
    private readonly string account;

    private ImapSource(ImapClient client, string account) => (this.client, this.account) = (client, account);

    /// <summary>Signs in.</summary>
    /// <param name="host">The other server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="security">How the connection is protected.</param>
    /// <param name="user">The user there.</param>
    /// <param name="password">The password there.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="connect">Connects, where it matters to which address; null for any that the name has.</param>
    /// <exception cref="OperationFailedException">It cannot be reached, shows a certificate that is not its own, or refuses the password.</exception>
    internal static async Task<ImapSource> OpenAsync(
        string host, int port, SecureSocketOptions security, string user, string password, CancellationToken cancellation, Func<CancellationToken, ValueTask<Socket>>? connect = null)
    {
        // Many certificates say nothing of revocation that can be asked, and .NET would take none of those.
        var client = new ImapClient { CheckCertificateRevocation = false };
        try
        {
            if (connect is null) await client.ConnectAsync(host, port, security, cancellation);
            else await client.ConnectAsync(await connect(cancellation), host, port, security, cancellation);
            await client.AuthenticateAsync(user, password, cancellation);
            return new ImapSource(client, $"{user}@{host}");
        }
        catch (Exception failed) when (failed is OperationFailedException or OperationCanceledException)
        {
            client.Dispose();
            throw;
        }
        catch (Exception failed) when (failed is SocketException or IOException or SslHandshakeException or MailKit.Security.AuthenticationException or ImapProtocolException or ImapCommandException or NotSupportedException)
        {
            client.Dispose();
            throw new OperationFailedException(failed switch
            {
                MailKit.Security.AuthenticationException => $"{host} refuses the password of {user}: {failed.Message} Providers that ask for a second factor want an app password here.",
                SslHandshakeException => $"{host} shows a certificate that cannot be trusted, so nothing was sent to it: {failed.InnerException?.Message ?? failed.Message} Use the host name that its certificate is for.",
                _ => $"{host}, port {port} could not be read: {failed.Message}",
            });
        }
    }

    public async IAsyncEnumerable<SourceMessage> MessagesAsync(Action<string> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var folders = new List<IMailFolder>();
        foreach (var space in client.PersonalNamespaces) folders.AddRange(await client.GetFoldersAsync(space, cancellationToken: cancellation));
        // "All Mail" last, when it is known what is elsewhere.
        var elsewhere = new HashSet<ulong>();
        foreach (var folder in folders.Where(IsReal).DistinctBy(folder => folder.FullName).OrderBy(folder => folder.Attributes.HasFlag(FolderAttributes.All)))
        {
            IReadOnlyList<IMessageSummary> summaries;
            try
            {
                await folder.OpenAsync(FolderAccess.ReadOnly, cancellation);
                var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate;
                if (client.Capabilities.HasFlag(ImapCapabilities.GMailExt1)) items |= MessageSummaryItems.GMailMessageId;
                summaries = folder.Count == 0 ? [] : [.. await folder.FetchAsync(0, -1, items, cancellation)];
            }
            catch (ImapCommandException refused)
            {
                unreadable($"the folder {folder.FullName}: {refused.Message}");
                continue;
            }
            var name = folder.FullName.Replace('/', '_').Replace(folder.DirectorySeparator == '\0' ? '/' : folder.DirectorySeparator, '/');
            if (folder.DirectorySeparator == '/') name = folder.FullName;
            foreach (var summary in summaries)
            {
                if (summary.GMailMessageId is { } id && !elsewhere.Add(id) && folder.Attributes.HasFlag(FolderAttributes.All)) continue;
                yield return new SourceMessage(name, UseOf(folder, name), $"imap\n{account}\n{folder.FullName}\n{folder.UidValidity}\n{summary.UniqueId.Id}",
                    FlagsOf(summary), [.. summary.Keywords], summary.InternalDate ?? TimeProvider.System.GetUtcNow(), token => ReadAsync(folder, summary.UniqueId, token));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (client.IsConnected) await client.DisconnectAsync(quit: true);
        client.Dispose();
    }

    // Folders that only show what is in others would bring it twice.
    private static bool IsReal(IMailFolder folder) =>
        (folder.Attributes & (FolderAttributes.NonExistent | FolderAttributes.NoSelect | FolderAttributes.Flagged | FolderAttributes.Important)) == 0;

    private static SpecialUse UseOf(IMailFolder folder, string name) => folder.Attributes switch
    {
        var attributes when attributes.HasFlag(FolderAttributes.Inbox) => SpecialUse.Inbox,
        var attributes when attributes.HasFlag(FolderAttributes.Sent) => SpecialUse.Sent,
        var attributes when attributes.HasFlag(FolderAttributes.Drafts) => SpecialUse.Drafts,
        var attributes when attributes.HasFlag(FolderAttributes.Junk) => SpecialUse.Junk,
        var attributes when attributes.HasFlag(FolderAttributes.Trash) => SpecialUse.Trash,
        var attributes when (attributes & (FolderAttributes.Archive | FolderAttributes.All)) != 0 => SpecialUse.Archive,
        _ => FolderNames.UseOf(name),
    };

    private static Mailboxes.MessageFlags FlagsOf(IMessageSummary summary)
    {
        var there = summary.Flags ?? MailKit.MessageFlags.None;
        var flags = Mailboxes.MessageFlags.None;
        foreach (var (theirs, ours) in ((MailKit.MessageFlags, Mailboxes.MessageFlags)[])[
            (MailKit.MessageFlags.Seen, Mailboxes.MessageFlags.Seen), (MailKit.MessageFlags.Answered, Mailboxes.MessageFlags.Answered), (MailKit.MessageFlags.Flagged, Mailboxes.MessageFlags.Flagged),
            (MailKit.MessageFlags.Deleted, Mailboxes.MessageFlags.Deleted), (MailKit.MessageFlags.Draft, Mailboxes.MessageFlags.Draft)])
        {
            if (there.HasFlag(theirs)) flags |= ours;
        }
        return flags;
    }

    private static async ValueTask<byte[]?> ReadAsync(IMailFolder folder, UniqueId uid, CancellationToken cancellation)
    {
        try
        {
            await using var stream = await folder.GetStreamAsync(uid, "", cancellation);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, cancellation);
            return content.ToArray();
        }
        catch (MessageNotFoundException)
        {
            return null;
        }
        catch (Exception broken) when (broken is IOException or SocketException or ImapProtocolException or ServiceNotConnectedException)
        {
            throw new OperationFailedException($"The connection broke: {broken.Message} Start the import again; what is here already is not brought twice.");
        }
    }
}
