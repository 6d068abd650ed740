using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sternpost.Jmap.Http;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Push;

/// <summary>What pushing needs.</summary>
internal sealed record PushTools(PushStore Store, MailStore Mail, States States, PushSender Sender, TimeProvider Time, ILogger Log);

/// <summary>Pushes to one subscription, until stopped.</summary>
internal sealed class Pusher
{
    private const int MostFailures = 20;
    // Changes that come together are told together.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private readonly PushTools tools;
    private readonly CancellationTokenSource stop;

    internal Pusher(PushTools tools, PushTarget target, bool isNew, CancellationToken cancellation)
    {
        this.tools = tools;
        Target = target;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _ = Task.Run(() => RunAsync(isNew && !target.IsVerified, stop.Token), CancellationToken.None);
    }

    internal PushTarget Target { get; }

    internal void Stop() => stop.Cancel();

    private async Task RunAsync(bool verify, CancellationToken cancellation)
    {
        try
        {
            // RFC 8620 §7.2.2: first a code that the client must repeat, which proves that the URL is its own. Nothing else before.
            if (verify)
            {
                var code = new JsonObject { ["@type"] = "PushVerification", ["pushSubscriptionId"] = ObjectId.Of(ObjectId.Subscription, Target.Id), ["verificationCode"] = Target.Verification };
                if (await SendAsync(code, cancellation).ConfigureAwait(false) != PushOutcome.Taken) return;
            }
            if (Target.IsVerified) await PushAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception closed) when (closed is ObjectDisposedException or CryptographicException)
        {
            tools.Log.PushFailed(new Uri(Target.Url).Host, ObjectId.Of(ObjectId.Account, Target.AccountId), closed.Message);
        }
    }

    private async Task PushAsync(CancellationToken cancellation)
    {
        using var signal = new ChangeSignal(tools.Mail, Target.AccountId);
        var types = Target.Types?.Split(',', StringSplitOptions.RemoveEmptyEntries);
        // The first time all states are told: what changed since the client asked, or while the server was down, is among them.
        var (seen, isFirst) = (States.Read(null), true);
        for (var failures = 0; failures < MostFailures;)
        {
            // What could not be told is tried again without waiting for more to happen.
            if (!isFirst && failures == 0) await signal.WaitAsync(TimeSpan.FromMilliseconds(int.MaxValue), cancellation).ConfigureAwait(false);
            isFirst = false;
            await Task.Delay(Gather, tools.Time, cancellation).ConfigureAwait(false);
            var now = await tools.States.ReadAsync(Target.AccountId, cancellation).ConfigureAwait(false);
            if (States.Change(ObjectId.Of(ObjectId.Account, Target.AccountId), seen, now, types) is not { } change) continue;
            switch (await SendAsync(change, cancellation).ConfigureAwait(false))
            {
                case PushOutcome.Taken:
                    (seen, failures) = (now, 0);
                    break;
                case PushOutcome.Gone:
                    await tools.Store.WriteAsync(sql => PushStore.Delete(sql, Target.AccountId, Target.Id), cancellation).ConfigureAwait(false);
                    return;
                default:
                    // RFC 8030 §5: not at once again; the change stays untold until then.
                    await Task.Delay(TimeSpan.FromSeconds(Math.Min(600, 2 << Math.Min(failures, 8))), tools.Time, cancellation).ConfigureAwait(false);
                    failures++;
                    break;
            }
        }
    }

    private async ValueTask<PushOutcome> SendAsync(JsonObject message, CancellationToken cancellation)
    {
        var (outcome, reason) = await tools.Sender.SendAsync(Target, Answers.ToBytes(message), urgent: message["@type"]!.GetValue<string>() == "PushVerification", cancellation).ConfigureAwait(false);
        if (outcome != PushOutcome.Taken) tools.Log.PushFailed(new Uri(Target.Url).Host, ObjectId.Of(ObjectId.Account, Target.AccountId), reason);
        return outcome;
    }
}
