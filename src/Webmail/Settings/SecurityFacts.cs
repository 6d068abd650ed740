using System.Text.Json;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Settings;

/// <summary>A passkey or an app password, as a list shows it.</summary>
public sealed record SecurityItem(string Id, string Name, DateTimeOffset Created, DateTimeOffset? Used, string From);

/// <summary>How the account is signed in to.</summary>
/// <param name="HasCodes">Codes by time are asked for.</param>
/// <param name="RecoveryCodes">So many are left.</param>
/// <param name="Passkeys">Its passkeys.</param>
/// <param name="AppPasswords">Its app passwords.</param>
public sealed record SecurityFacts(bool HasCodes, long RecoveryCodes, IReadOnlyList<SecurityItem> Passkeys, IReadOnlyList<SecurityItem> AppPasswords)
{
    /// <summary>The password alone signs nobody in.</summary>
    public bool HasSecondFactor => HasCodes || Passkeys.Count > 0;

    public static async Task<SecurityFacts> LoadAsync()
    {
        var json = await AccountConnection.ReadAsync("security");
        return new SecurityFacts(json.Text("codesSince") is not null, json.Number("recoveryCodes"), Items(json, "passkeys"), Items(json, "appPasswords"));
    }

    private static List<SecurityItem> Items(JsonElement json, string name) => [.. json.Items(name).Select(item => new SecurityItem(
        item.Text("id") ?? "", item.Text("name") ?? "", item.Time("created"), item.Text("used") is null ? null : item.Time("used"), item.Text("usedFrom") ?? ""))];
}
