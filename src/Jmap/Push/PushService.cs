using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Push;

/// <summary>PushSubscription/get and /set (RFC 8620 §7.2), and the pushing.</summary>
internal sealed class PushService(PushStore store, MailStore mail, States states, Vapid vapid, JmapOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const int MostUrl = 2000;
    // RFC 8620 §7.2.2: a subscription ends, lest it push for ever to a device that is gone.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "deviceClientId", "expires", "types", "verificationCode" };

    private readonly PushTools tools = new(store, mail, states, new PushSender(options.PushToLoopback, vapid), time, log);
    private readonly ConcurrentDictionary<long, Pusher> pushers = new();
    private readonly SemaphoreSlim changed = new(0);

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Core, "PushSubscription/get", GetAsync);
        table.Add(Capability.Core, "PushSubscription/set", SetAsync);
    }

    /// <summary>Pushes, until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var now = time.GetUtcNow();
            var targets = await store.AllAsync(now, cancellation).ConfigureAwait(false);
            foreach (var gone in pushers.Keys.Except(targets.Select(target => target.Id)).ToList())
            {
                if (pushers.TryRemove(gone, out var pusher)) pusher.Stop();
            }
            foreach (var target in targets)
            {
                // One that was only made to last longer goes on as it is: beginning anew tells all states, and who is told renews.
                if (pushers.TryGetValue(target.Id, out var pusher) && pusher.Target with { Expires = target.Expires } == target) continue;
                pusher?.Stop();
                pushers[target.Id] = new Pusher(tools, target, isNew: pusher is null, cancellation);
            }
            await changed.WaitAsync(TimeSpan.FromMinutes(1), cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var pusher in pushers.Values) pusher.Stop();
        tools.Sender.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        var ids = GetMethod.Ids(call, options);
        // RFC 8620 §7.2.1: neither the URL nor the keys are ever told.
        if (call.Arguments.Texts("properties") is { } asked && asked.Any(name => name is "url" or "keys")) throw new MethodError("forbidden", "url and keys are not told");
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var targets = await store.OfAsync(call.AccountId, call.Scope.Credential, call.Cancellation).ConfigureAwait(false);
        var answer = GetMethod.Answer(call, "", ids, targets.Select(ToJson), properties, options);
        answer.Remove("accountId");
        answer.Remove("state");
        return answer;
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options, hasAccount: false);
        call.Arguments.End();
        var now = time.GetUtcNow();
        var answer = await store.WriteAsync(
            sql =>
            {
                PushStore.DeleteExpired(sql, now);
                foreach (var (creation, item) in set.Create)
                {
                    set.TryCreate(creation, () =>
                    {
                        var target = Create(call, item, now);
                        if (PushStore.Of(sql, call.AccountId).Count >= PushStore.MostPerAccount) throw new SetError("overQuota", $"An account has at most {PushStore.MostPerAccount} push subscriptions");
                        PushStore.Put(sql, target);
                        var made = ToJson(target);
                        made.Remove("deviceClientId");
                        made.Remove("verificationCode");
                        if (item["types"] is not null) made.Remove("types");
                        return made;
                    });
                }
                foreach (var (text, patch) in set.Update)
                {
                    set.TryUpdate(text, () =>
                    {
                        var target = Find(call, sql, text);
                        var updated = Update(target, patch, now);
                        PushStore.Put(sql, updated);
                        return patch.ContainsKey("expires") ? new JsonObject { ["expires"] = EmailProperties.Utc(updated.Expires) } : null;
                    });
                }
                foreach (var text in set.Destroy) set.TryDestroy(text, () => PushStore.Delete(sql, call.AccountId, Find(call, sql, text).Id));
                return set.Answer(null, null);
            },
            call.Cancellation).ConfigureAwait(false);
        changed.Release();
        return answer;
    }

    private static PushTarget Find(MethodCall call, Storage.Sql sql, string text) =>
        call.TryResolve(ObjectId.Subscription, text, out var id) && PushStore.Of(sql, call.AccountId).Find(target => target.Id == id && target.Credential == call.Scope.Credential) is { } found ? found : throw SetError.NotFound();

    private PushTarget Create(MethodCall call, JsonObject item, DateTimeOffset now)
    {
        foreach (var (name, _) in item)
        {
            if (name is not ("deviceClientId" or "url" or "keys" or "expires" or "types")) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        if (Text(item, "deviceClientId") is not { Length: > 0 and <= 255 } device) throw SetError.InvalidProperties("deviceClientId is a string of 1 to 255 characters", "deviceClientId");
        // RFC 8620 §7.2: only over TLS.
        if (Text(item, "url") is not { Length: <= MostUrl } url || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != Uri.UriSchemeHttps || parsed.UserInfo.Length > 0)
            throw SetError.InvalidProperties("url is an https URL", "url");
        var (p256dh, auth) = ((string?)null, (string?)null);
        if (item["keys"] is { } node)
        {
            if (node is not JsonObject keys || Text(keys, "p256dh") is not { } point || Text(keys, "auth") is not { } secret || !PushEncryption.AreKeys(point, secret)) throw SetError.InvalidProperties("keys are those of RFC 8291", "keys");
            (p256dh, auth) = (point, secret);
        }
        return new PushTarget(
            store.NewId(), call.AccountId, call.Scope.Credential, device, url, p256dh, auth, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), IsVerified: false, Expires(item["expires"], now), Types(item["types"]));
    }

    private static PushTarget Update(PushTarget target, JsonObject patch, DateTimeOffset now)
    {
        foreach (var (name, value) in patch)
        {
            target = name switch
            {
                "verificationCode" when value?.GetValueKind() == JsonValueKind.String && CryptographicOperations.FixedTimeEquals(
                    System.Text.Encoding.UTF8.GetBytes(value.GetValue<string>()), System.Text.Encoding.UTF8.GetBytes(target.Verification)) => target with { IsVerified = true },
                "verificationCode" => throw SetError.InvalidProperties("That is not the code that was pushed", "verificationCode"),
                "expires" => target with { Expires = Expires(value, now) },
                "types" => target with { Types = Types(value) },
                _ => throw SetError.InvalidProperties($"The property {name} cannot be changed", name),
            };
        }
        return target;
    }

    private static DateTimeOffset Expires(JsonNode? node, DateTimeOffset now)
    {
        if (node is null) return now + Longest;
        if (node.GetValueKind() != JsonValueKind.String || !DateTimeOffset.TryParse(node.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires))
            throw SetError.InvalidProperties("expires is a date in UTC", "expires");
        return expires > now + Longest ? now + Longest : expires;
    }

    private static string? Types(JsonNode? node) => node switch
    {
        null => null,
        JsonArray list when list.All(type => type?.GetValueKind() == JsonValueKind.String) => string.Join(',', list.Select(type => type!.GetValue<string>()).Where(States.Types.Contains)),
        _ => throw SetError.InvalidProperties("types is an array of type names, or null for all", "types"),
    };

    private static JsonObject ToJson(PushTarget target) => new()
    {
        ["id"] = ObjectId.Of(ObjectId.Subscription, target.Id),
        ["deviceClientId"] = target.Device,
        ["verificationCode"] = target.IsVerified ? target.Verification : null,
        ["expires"] = EmailProperties.Utc(target.Expires),
        ["types"] = target.Types is null ? null : ChangesMethod.Texts(target.Types.Split(',', StringSplitOptions.RemoveEmptyEntries)),
    };

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
