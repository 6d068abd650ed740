using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Jmap;

/// <summary>The JMAP server this page came from (RFC 8620): the session, and requests in it. The browser's cookie says who asks.</summary>
public sealed class JmapConnection
{
    private const string Using = """["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail","urn:ietf:params:jmap:submission","urn:ietf:params:jmap:vacationresponse","urn:ietf:params:jmap:quota","urn:ietf:params:jmap:contacts","urn:x-sternpost:jmap:senders","urn:x-sternpost:jmap:labels"]""";

    // RFC 9110 §15.3.4.
    private const int NotAuthoritative = 203;

    /// <summary>Whether the last answer was one that the server gave before, because it cannot be reached now.</summary>
    public static bool IsFromMemory { get; private set; }

    public string AccountId { get; private set; } = "";

    public string UserName { get; private set; } = "";

    /// <summary>Octets that a file to attach may have.</summary>
    public long MostUpload { get; private set; } = 50_000_000;

    /// <summary>Seconds for which a message may be kept back (RFC 4865); 0 where it may not.</summary>
    public long MostDelay { get; private set; }

    /// <summary>Reads the session. False where nobody is signed in.</summary>
    /// <exception cref="JmapException">The server was not reached.</exception>
    public async Task<bool> OpenAsync()
    {
        var (status, body) = await SendAsync("GET", "/jmap/session", null);
        if (status is 401 or 403) return false;
        if (status != 200) throw Trouble(status, body);
        var root = JsonElement.Parse(body);
        AccountId = root.GetProperty("primaryAccounts").Text("urn:ietf:params:jmap:mail") ?? "";
        UserName = root.Text("username") ?? "";
        MostUpload = root.GetProperty("capabilities").GetProperty("urn:ietf:params:jmap:core").Number("maxSizeUpload");
        if (root.GetProperty("accounts").GetProperty(AccountId).GetProperty("accountCapabilities").TryGetProperty("urn:ietf:params:jmap:submission", out var submission)) MostDelay = submission.Number("maxDelayedSend");
        return true;
    }

    /// <summary>The sign-in that was tried last asked for the second step.</summary>
    public bool WantsCode { get; private set; }

    /// <summary>Signs in with a passkey; answers null, or what to tell the user.</summary>
    public static async Task<string?> SignInWithPasskeyAsync()
    {
        var (status, body) = await SendAsync("POST", "/account/passkey", "{}");
        if (status != 200) return status == 0 ? Words.Now.ServerNotReached : Detail(body) ?? Words.Now.SomethingFailed;
        using var asked = JsonDocument.Parse(body);
        var response = await Bridge.UsePasskey(asked.RootElement.Text("options") ?? "");
        if (response.Length == 0) return Words.Now.PasskeyNotGiven;
        (status, body) = await SendAsync("POST", "/account/passkey", new JsonObject { ["id"] = asked.RootElement.Text("id"), ["response"] = response }.ToJsonString());
        return status == 200 ? null : status == 0 ? Words.Now.ServerNotReached : Detail(body) ?? Words.Now.SomethingFailed;
    }

    /// <summary>Signs in; answers null, or what to tell the user.</summary>
    /// <param name="name">The account's address.</param>
    /// <param name="password">Its password.</param>
    /// <param name="code">The code of the second step; empty where it was not asked for.</param>
    public async Task<string?> SignInAsync(string name, string password, string code)
    {
        var request = new JsonObject { ["username"] = name, ["password"] = password };
        if (code.Length > 0) request["code"] = code;
        var (status, body) = await SendAsync("POST", "/jmap/signin", request.ToJsonString());
        WantsCode = status == 401 && body.Contains("urn:sternpost:secondFactor", StringComparison.Ordinal);
        return status switch
        {
            200 => null,
            401 when WantsCode => code.Length > 0 ? Words.Now.CodeWrong : Words.Now.CodeWanted,
            0 => Words.Now.ServerNotReached,
            401 when Detail(body) is { } detail && detail.Contains("app password", StringComparison.OrdinalIgnoreCase) => Words.Now.NotAnAppPassword,
            401 => Words.Now.WrongPassword,
            429 => Words.Now.TooManyAttempts,
            _ => Detail(body) ?? Words.Now.SomethingFailed,
        };
    }

    public Task SignOutAsync() => SendAsync("DELETE", "/jmap/signin", null);

    /// <summary>The sessions of this account, for the settings.</summary>
    public async Task<JsonElement> SessionsAsync()
    {
        var (status, body) = await SendAsync("GET", "/jmap/signin", null);
        if (status != 200) throw Trouble(status, body);
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    public async Task EndSessionAsync(string id)
    {
        var (status, body) = await SendAsync("DELETE", "/jmap/signin?id=" + Uri.EscapeDataString(id), null);
        if (status is not (200 or 204)) throw Trouble(status, body);
    }

    /// <summary>Calls in one request. The answers come in the order of the calls; one that is an error is thrown.</summary>
    /// <exception cref="JmapException">Any call failed, or all did.</exception>
    public Task<List<JsonElement>> CallAsync(params (string Method, JsonObject Arguments)[] calls)
    {
        var list = new JsonArray();
        for (var i = 0; i < calls.Length; i++)
        {
            calls[i].Arguments["accountId"] = AccountId;
            list.Add(new JsonArray(calls[i].Method, calls[i].Arguments, "c" + i));
        }
        return AnswersAsync(list.ToJsonString());
    }

    /// <summary>The same for what a start asks, where everything that need not run counts: each call with its arguments as JSON, an object without the account.</summary>
    /// <exception cref="JmapException">Any call failed, or all did.</exception>
    public Task<List<JsonElement>> AskAsync(params (string Method, string Arguments)[] calls)
    {
        var text = "";
        for (var i = 0; i < calls.Length; i++) text += $$"""{{(i == 0 ? "" : ",")}}["{{calls[i].Method}}",{"accountId":"{{AccountId}}",{{calls[i].Arguments[1..]}},"c{{i}}"]""";
        return AnswersAsync("[" + text + "]");
    }

    private async Task<List<JsonElement>> AnswersAsync(string calls)
    {
        var (status, body) = await SendAsync("POST", "/jmap/api", "{\"using\":" + Using + ",\"methodCalls\":" + calls + "}");
        if (status != 200) throw Trouble(status, body);
        var answers = new List<JsonElement>();
        foreach (var response in JsonElement.Parse(body).Items("methodResponses"))
        {
            // A call may be answered by more than itself (onSuccessUpdateEmail): the first of each is its own.
            if (response[2].GetString() is not { } tag || tag != "c" + answers.Count) continue;
            var answer = response[1];
            if (response[0].GetString() == "error") throw new JmapException(TroubleKind.Refused, answer.Text("type"), answer.Text("description") ?? answer.Text("type") ?? "");
            answers.Add(answer);
        }
        return answers;
    }

    public async Task<JsonElement> CallAsync(string method, JsonObject arguments) => (await CallAsync((method, arguments)))[0];

    /// <summary>A /set, whose first refusal is thrown.</summary>
    public async Task<JsonElement> SetAsync(string method, JsonObject arguments) => Checked(await CallAsync(method, arguments));

    public static JsonElement Checked(JsonElement answer)
    {
        foreach (var name in (string[])["notCreated", "notUpdated", "notDestroyed"])
        {
            if (!answer.Member(name, out var failed)) continue;
            foreach (var failure in failed.EnumerateObject())
                throw new JmapException(TroubleKind.Refused, failure.Value.Text("type"), failure.Value.Text("description") ?? failure.Value.Text("type") ?? "");
        }
        return answer;
    }

    public string DownloadUrl(string blobId, string name, string type) => $"/jmap/download/{AccountId}/{blobId}/{Uri.EscapeDataString(name)}?type={Uri.EscapeDataString(type)}";

    public string ViewUrl(string blobId, bool isDark, bool withPictures) => $"/jmap/view/{AccountId}/{blobId}{(isDark || withPictures ? "?" : "")}{(isDark ? "dark" : "")}{(isDark && withPictures ? "&" : "")}{(withPictures ? "pictures" : "")}";

    public string UploadUrl => $"/jmap/upload/{AccountId}/";

    public static async Task<(int Status, string Body)> SendAsync(string method, string url, string? json)
    {
        var (status, body) = Split(await Bridge.Request(method, url, json, json is null ? null : "application/json"));
        if (status > 0) IsFromMemory = status == NotAuthoritative;
        return (status == NotAuthoritative ? 200 : status, body);
    }

    public static (int Status, string Body) Split(string answer)
    {
        var line = answer.IndexOf('\n', StringComparison.Ordinal);
        var status = 0;
        for (var i = 0; i < line; i++) status = (status * 10) + (answer[i] - '0');
        return (status, answer[(line + 1)..]);
    }

    public static JmapException Trouble(int status, string body) => status switch
    {
        // Nobody there, or being started anew.
        0 or 503 => new JmapException(TroubleKind.Offline, null, Words.Now.ServerNotReached),
        401 => new JmapException(TroubleKind.SignedOut, null, Words.Now.SignedOut),
        413 => new JmapException(TroubleKind.Refused, "tooLarge", Words.Now.TooLarge),
        _ => new JmapException(TroubleKind.Refused, null, Detail(body) ?? Words.Now.SomethingFailed),
    };

    private static string? Detail(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return problem.RootElement.ValueKind == JsonValueKind.Object ? problem.RootElement.Text("detail") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
