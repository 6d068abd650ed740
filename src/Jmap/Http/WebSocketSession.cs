using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Push;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Http;

/// <summary>JMAP over a WebSocket (RFC 8887): requests one after the other, and pushes between them.</summary>
internal sealed class WebSocketSession(WebSocket socket, RequestScope scope, RequestProcessor processor, Func<string> sessionState, MailStore mail, States states, JmapOptions options) : IDisposable
{
    internal const string SubProtocol = "jmap";

    private readonly SemaphoreSlim sending = new(1);
    private CancellationTokenSource? pushing;
    private Task pushes = Task.CompletedTask;

    internal async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (await ReceiveAsync(cancellation).ConfigureAwait(false) is { } message) await AnswerAsync(message, cancellation).ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The client has gone, or the server goes.
        }
        finally
        {
            await StopPushAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        sending.Dispose();
        pushing?.Dispose();
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellation)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellation).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            // RFC 8887 §4.1: text only; and no more than a request may have.
            if (received.MessageType == WebSocketMessageType.Binary || message.Length + received.Count > options.MaxSizeRequest)
            {
                var isBinary = received.MessageType == WebSocketMessageType.Binary;
                await socket.CloseOutputAsync(isBinary ? WebSocketCloseStatus.InvalidMessageType : WebSocketCloseStatus.MessageTooBig, isBinary ? "JMAP is text" : "The request is too large", cancellation).ConfigureAwait(false);
                return null;
            }
            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage) return message.ToArray();
        }
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        string? id = null;
        try
        {
            if (JmapRequest.ReadJson(message.Span) is not JsonObject json) throw RequestProblem.NotRequest("A message is an object");
            id = Text(json["id"]);
            switch (Text(json["@type"]))
            {
                case "Request":
                    var request = JmapRequest.From(json, options);
                    var answer = await processor.RunAsync(request, new RequestScope(scope.Account, scope.Client, scope.Credential) { AppPassword = scope.AppPassword }, sessionState(), cancellation).ConfigureAwait(false);
                    var response = new JsonObject { ["@type"] = "Response" };
                    if (id is not null) response["requestId"] = id;
                    foreach (var (name, value) in answer.ToList())
                    {
                        answer.Remove(name);
                        response[name] = value;
                    }
                    await SendAsync(response, cancellation).ConfigureAwait(false);
                    break;
                case "WebSocketPushEnable":
                    await StopPushAsync().ConfigureAwait(false);
                    var types = (json["dataTypes"] as JsonArray)?.Select(type => Text(type) ?? "").ToHashSet(StringComparer.Ordinal);
                    var from = Text(json["pushState"]);
                    pushing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                    pushes = PushAsync(types, from, pushing.Token);
                    break;
                case "WebSocketPushDisable":
                    await StopPushAsync().ConfigureAwait(false);
                    break;
                default:
                    throw RequestProblem.NotRequest("A message's @type is Request, WebSocketPushEnable or WebSocketPushDisable");
            }
        }
        catch (RequestProblem problem)
        {
            // RFC 8887 §4.3.3.
            var error = problem.ToJson();
            error["@type"] = "RequestError";
            error["requestId"] = id;
            await SendAsync(error, cancellation).ConfigureAwait(false);
        }
    }

    private async Task PushAsync(HashSet<string>? types, string? from, CancellationToken cancellation)
    {
        try
        {
            using var signal = new ChangeSignal(mail, scope.Account.Id);
            var known = await states.ReadAsync(scope.Account.Id, cancellation).ConfigureAwait(false);
            // RFC 8887 §4.3.5.2: a client that says where it was is told what it missed.
            var seen = from is null ? known : States.Read(from);
            while (true)
            {
                if (States.Change(scope.AccountId, seen, known, types) is { } change)
                {
                    change["pushState"] = States.Mark(known);
                    await SendAsync(change, cancellation).ConfigureAwait(false);
                }
                seen = known;
                await signal.WaitAsync(TimeSpan.FromMilliseconds(int.MaxValue), cancellation).ConfigureAwait(false);
                known = await states.ReadAsync(scope.Account.Id, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // Push was turned off, or the client has gone.
        }
    }

    private async ValueTask StopPushAsync()
    {
        if (pushing is null) return;
        await pushing.CancelAsync().ConfigureAwait(false);
        await pushes.ConfigureAwait(false);
        pushing.Dispose();
        pushing = null;
    }

    private async ValueTask SendAsync(JsonObject message, CancellationToken cancellation)
    {
        await sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(Answers.ToBytes(message).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
