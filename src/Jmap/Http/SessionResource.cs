using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sternpost.Jmap.Labels;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Push;

namespace Sternpost.Jmap.Http;

/// <summary>The session resource (RFC 8620 §2).</summary>
internal sealed class SessionResource(Vapid vapid, JmapOptions options)
{
    /// <summary>The state that every answer repeats, so that a client notices when the resource has changed.</summary>
    internal string StateFor(RequestScope scope) => Convert.ToHexStringLower(SHA256.HashData(Answers.ToBytes(Build(scope, ""))).AsSpan(0, 8));

    internal async Task AnswerAsync(HttpContext context, RequestScope scope)
    {
        // RFC 8620 §2.2.
        context.Response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        var session = Build(scope, "https://" + context.Request.Host.Value);
        session["state"] = StateFor(scope);
        // RFC 9749 §3. The key is made once, so the state need not tell of it.
        session["capabilities"]![Capability.WebPushVapid] = new JsonObject { ["applicationServerKey"] = await vapid.PublicKeyAsync(context.RequestAborted).ConfigureAwait(false) };
        await Answers.JsonAsync(context, session).ConfigureAwait(false);
    }

    private JsonObject Build(RequestScope scope, string host)
    {
        var accountCapabilities = new JsonObject
        {
            [Capability.Core] = new JsonObject(),
            [Capability.Mail] = new JsonObject
            {
                ["maxMailboxesPerEmail"] = null,
                ["maxMailboxDepth"] = 32,
                ["maxSizeMailboxName"] = 255,
                ["maxSizeAttachmentsPerEmail"] = options.MaxSizeUpload,
                ["emailQuerySortOptions"] = ChangesMethod.Texts(EmailSorting.Options),
                ["mayCreateTopLevelMailbox"] = true,
            },
            [Capability.Submission] = new JsonObject
            {
                ["maxDelayedSend"] = (long)options.MaxDelayedSend.TotalSeconds,
                ["submissionExtensions"] = new JsonObject
                {
                    ["FUTURERELEASE"] = new JsonArray(((long)options.MaxDelayedSend.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                    ["SIZE"] = new JsonArray(options.MaxSizeUpload.ToString(CultureInfo.InvariantCulture)),
                    ["DSN"] = new JsonArray(),
                    ["8BITMIME"] = new JsonArray(),
                    ["SMTPUTF8"] = new JsonArray(),
                    ["REQUIRETLS"] = new JsonArray(),
                },
            },
            [Capability.VacationResponse] = new JsonObject(),
            [Capability.Blob] = new JsonObject
            {
                ["maxSizeBlobSet"] = options.MaxSizeUpload,
                ["maxDataSources"] = Blobs.BlobMethods.MostSources,
                ["supportedTypeNames"] = new JsonArray("Mailbox", "Thread", "Email"),
                ["supportedDigestAlgorithms"] = new JsonArray("sha", "sha-256"),
            },
            [Capability.Quota] = new JsonObject(),
            // RFC 9610 §1.5.
            [Capability.Contacts] = new JsonObject { ["maxAddressBooksPerCard"] = 1, ["mayCreateAddressBook"] = false },
            [Capability.Senders] = new JsonObject(),
            [Capability.Labels] = new JsonObject { ["maxLabels"] = LabelStore.Most, ["colors"] = ChangesMethod.Texts(Label.Colors) },
        };
        var primary = new JsonObject();
        foreach (var (capability, _) in accountCapabilities)
        {
            if (capability != Capability.Core) primary[capability] = scope.AccountId;
        }
        return new JsonObject
        {
            ["capabilities"] = new JsonObject
            {
                [Capability.Core] = new JsonObject
                {
                    ["maxSizeUpload"] = options.MaxSizeUpload,
                    ["maxConcurrentUpload"] = options.MaxConcurrentUpload,
                    ["maxSizeRequest"] = options.MaxSizeRequest,
                    ["maxConcurrentRequests"] = options.MaxConcurrentRequests,
                    ["maxCallsInRequest"] = options.MaxCallsInRequest,
                    ["maxObjectsInGet"] = options.MaxObjectsInGet,
                    ["maxObjectsInSet"] = options.MaxObjectsInSet,
                    ["collationAlgorithms"] = ChangesMethod.Texts(QueryMethod.Collations),
                },
                [Capability.Mail] = new JsonObject(),
                [Capability.Submission] = new JsonObject(),
                [Capability.VacationResponse] = new JsonObject(),
                [Capability.Blob] = new JsonObject(),
                [Capability.Quota] = new JsonObject(),
                [Capability.Contacts] = new JsonObject(),
                [Capability.Senders] = new JsonObject(),
                [Capability.Labels] = new JsonObject(),
                [Capability.WebSocket] = new JsonObject { ["url"] = (host.Length == 0 ? "" : "wss" + host[5..]) + "/jmap/ws", ["supportsPush"] = true },
            },
            ["accounts"] = new JsonObject
            {
                [scope.AccountId] = new JsonObject
                {
                    ["name"] = scope.Account.Address.ToString(),
                    ["isPersonal"] = true,
                    ["isReadOnly"] = false,
                    ["accountCapabilities"] = accountCapabilities,
                },
            },
            ["primaryAccounts"] = primary,
            ["username"] = scope.Account.Address.ToString(),
            ["apiUrl"] = host + "/jmap/api",
            ["downloadUrl"] = host + "/jmap/download/{accountId}/{blobId}/{name}?type={type}",
            ["uploadUrl"] = host + "/jmap/upload/{accountId}/",
            ["eventSourceUrl"] = host + "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
        };
    }
}
