using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Sendmail;

namespace Sternpost.Composition;

/// <summary>
/// Fetches what programs of this computer left in the drop folder while no server ran, and hands it in at the server's own socket, so that
/// every rule there holds for it too. A message goes from the folder only when it is settled; its key keeps it from being taken twice. Runs
/// from <see cref="Start"/> until disposed.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class WaitingMail(string folder, string socket, AccountDirectory directory, DomainName host, ServerMail mail, TimeProvider time, ILogger<WaitingMail> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private const int MaxQuoted = 4000;

    private readonly DropFolder drop = new(folder);
    private readonly MailSettings settings = MailSettings.ForSocket(socket);
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>Prepares the folder and begins to look into it.</summary>
    public void Start()
    {
        try
        {
            drop.Prepare();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNoFolder(folder, failed.Message);
            return;
        }
        running = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (; ; await Task.Delay(LookEvery, time, stopping.Token)) await FetchAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            foreach (var name in drop.Waiting())
            {
                stopping.Token.ThrowIfCancellationRequested();
                using var file = drop.Open(name);
                if (file is not null && !await HandInAsync(name, file)) return;
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogFailed(folder, failed.Message);
        }
    }

    // False where the server does not take mail now: the rest would fare no better.
    private async Task<bool> HandInAsync(string name, WaitingFile file)
    {
        var claims = file.Message.Claims.Where(claim => claim.Key != CallerHints.User).Append(new(CallerHints.User, file.UserId.ToString()));
        var message = file.Message with { Claims = [.. claims] };
        // The client waits for the socket as a program does; a thread of its own keeps it from those that serve.
        var outcome = await Task.Factory.StartNew(() => SmtpHandover.Send(settings, message), stopping.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (outcome.Later) return false;
        if (outcome.Deferred.Count > 0) drop.Keep(message with { Key = HandedMessage.NewKey(), Recipients = outcome.Deferred });
        if (!outcome.Taken || outcome.Refused.Count > 0) await TellAsync(message, outcome);
        if (outcome.Taken) LogTaken(name, file.UserId, outcome.Reply);
        file.Remove();
        return true;
    }

    // Whoever sent it was told that it is kept, so a refusal must reach somebody.
    private async Task TellAsync(HandedMessage message, HandoverOutcome outcome)
    {
        var reason = outcome.Refused.Count > 0 ? string.Join("\r\n", outcome.Refused.Select(refused => $"{refused.Recipient}: {refused.Reply.Replace('\n', ' ')}")) : outcome.Reply.Replace('\n', ' ');
        LogRefused(message.Key, reason);
        var domains = await directory.DomainsAsync(stopping.Token);
        if ((domains.FirstOrDefault(domain => host.IsWithin(domain.Name)) ?? (domains.Count > 0 ? domains[0] : null)) is not { } own) return;
        var claims = string.Join("\r\n", message.Claims.Select(claim => $"  {claim.Key}: {claim.Value}"));
        var header = Encoding.Latin1.GetString(message.Content.Span[..Math.Min(message.Content.Length, MaxQuoted)]).Split("\r\n\r\n", 2)[0];
        var text = $"""
            From: Mail server {host} <postmaster@{own.Name}>
            To: postmaster@{own.Name}
            Subject: A message of a program on this computer was refused
            Date: {time.GetUtcNow().UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000
            Message-ID: <{message.Key}.refused@{host}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            A program on this computer sent a message while the mail server was down, and was told that it is kept. Now the server refuses it:

            {reason}

            What is known of the program:
            {claims}

            The message is not kept any longer. Its header was:

            {header}

            """.ReplaceLineEndings("\r\n");
        await mail.SendAsync(EmailAddress.Of("postmaster", own.Name), Encoding.UTF8.GetBytes(text), TransportNeed.Usual, null, stopping.Token);
    }

    [LoggerMessage(1020, LogLevel.Information, "Took {Name} of user {User}, which waited on this computer: {Reply}")]
    private partial void LogTaken(string name, uint user, string reply);

    [LoggerMessage(1021, LogLevel.Warning, "A message that waited on this computer was refused ({Key}): {Reason}")]
    private partial void LogRefused(string key, string reason);

    [LoggerMessage(1022, LogLevel.Error, "The folder {Folder}, in which mail of this computer's programs waits, cannot be prepared: {Reason}. Make it as root: install -d -o sternpost -g sternpost -m 3733 {Folder}")]
    private partial void LogNoFolder(string folder, string reason);

    [LoggerMessage(1023, LogLevel.Error, "Mail that waits in {Folder} could not be fetched: {Reason}")]
    private partial void LogFailed(string folder, string reason);
}
