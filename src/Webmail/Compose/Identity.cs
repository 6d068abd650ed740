using System.Text.Json;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Compose;

/// <summary>A name and address to write from (RFC 8621 §6).</summary>
public sealed record Identity(string Id, string Name, string Email, string Signature, IReadOnlyList<Address> ReplyTo)
{
    public Address Address => new(Name.Length > 0 ? Name : null, Email);

    public static Identity Read(JsonElement json) => new(json.Text("id")!, json.Text("name") ?? "", json.Text("email") ?? "", json.Text("textSignature") ?? "", Address.Read(json, "replyTo"));
}
