using System.Text.Json.Nodes;
using Sternpost.Webmail.Compose;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Settings;

/// <summary>A name and signature while they are edited.</summary>
public sealed class IdentityForm(Identity identity)
{
    public Identity Identity => identity;

    public string Name { get; set; } = identity.Name;

    public string Signature { get; set; } = identity.Signature;

    public Task SaveAsync(JmapConnection connection) =>
        connection.SetAsync("Identity/set", new JsonObject { ["update"] = new JsonObject { [identity.Id] = new JsonObject { ["name"] = Name, ["textSignature"] = Signature } } });
}
