using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Settings;

/// <summary>What the server says of the account: how full it is, and where it is signed in.</summary>
public static class AccountFacts
{
    /// <summary>Octets used and allowed (RFC 9425); null where the server does not say.</summary>
    public static async Task<(long Used, long All)?> StorageAsync(JmapConnection connection)
    {
        var quota = (await connection.CallAsync("Quota/get", new System.Text.Json.Nodes.JsonObject { ["ids"] = null })).Items("list").FirstOrDefault(each => each.Text("resourceType") == "octets");
        return quota.ValueKind == System.Text.Json.JsonValueKind.Object ? (quota.Number("used"), quota.Number("hardLimit")) : null;
    }

    public static async Task<List<(string Id, string Agent, string Client, DateTimeOffset LastUsed, bool IsThis)>> SessionsAsync(JmapConnection connection) =>
        [.. (await connection.SessionsAsync()).Items("sessions").Select(session => (session.Text("id") ?? "", Browser(session.Text("agent") ?? ""), session.Text("client") ?? "", session.Time("lastUsed"), session.Flag("isThis")))];

    // "Mozilla/5.0 (X11; Linux x86_64) … Chrome/140.0 Safari/537.36" says little to people.
    private static string Browser(string agent)
    {
        var name = agent switch
        {
            _ when agent.Contains("Firefox/", StringComparison.Ordinal) => "Firefox",
            _ when agent.Contains("Edg/", StringComparison.Ordinal) => "Edge",
            _ when agent.Contains("Chrome/", StringComparison.Ordinal) => "Chrome",
            _ when agent.Contains("Safari/", StringComparison.Ordinal) => "Safari",
            _ => agent.Length > 60 ? agent[..60] : agent.Length > 0 ? agent : "?",
        };
        var system = agent switch
        {
            _ when agent.Contains("Android", StringComparison.Ordinal) => "Android",
            _ when agent.Contains("iPhone", StringComparison.Ordinal) || agent.Contains("iPad", StringComparison.Ordinal) => "iOS",
            _ when agent.Contains("Windows", StringComparison.Ordinal) => "Windows",
            _ when agent.Contains("Mac OS", StringComparison.Ordinal) => "macOS",
            _ when agent.Contains("Linux", StringComparison.Ordinal) => "Linux",
            _ => null,
        };
        return system is null ? name : $"{name}, {system}";
    }
}
