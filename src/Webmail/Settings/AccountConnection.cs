using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Settings;

/// <summary>What the server tells and changes of the account beside mail, under /account.</summary>
public static class AccountConnection
{
    /// <exception cref="JmapException">It could not be read.</exception>
    public static async Task<JsonElement> ReadAsync(string path) => Read(await JmapConnection.SendAsync("GET", "/account/" + path, null));

    /// <exception cref="JmapException">It was not done; the text says why.</exception>
    public static async Task<JsonElement> ChangeAsync(string path, JsonObject change) => Read(await JmapConnection.SendAsync("POST", "/account/" + path, change.ToJsonString()));

    private static JsonElement Read((int Status, string Body) answer)
    {
        if (answer.Status != 200) throw JmapConnection.Trouble(answer.Status, answer.Body);
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }
}
