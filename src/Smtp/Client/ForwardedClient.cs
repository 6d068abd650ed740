using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>
/// The client that a message first came from, as one server tells another on the way through a content filter: the attributes of
/// XFORWARD, which Postfix defines (XFORWARD_README) and its filters speak.
/// </summary>
public sealed record ForwardedClient
{
    private const int MaxValue = 255;

    /// <summary>The client's address; null where it is not known, as for mail made on that server.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Its name as confirmed by that server; null where there is none.</summary>
    public DomainName? Name { get; init; }

    /// <summary>Whether a name was asked for and none was confirmed.</summary>
    public bool HasNoName { get; init; }

    /// <summary>What it said in HELO or EHLO; empty where unknown.</summary>
    public string Helo { get; init; } = "";

    /// <summary>SMTP or ESMTP; empty where unknown.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>How that server calls the message; empty where unknown.</summary>
    public string Id { get; init; } = "";

    /// <summary>LOCAL or REMOTE; empty where unknown.</summary>
    public string Source { get; init; } = "";

    /// <summary>Attributes and values for the command, of those that the next server takes.</summary>
    internal string Attributes(IReadOnlyList<string> taken)
    {
        var line = new StringBuilder(128);
        Add("NAME", Name?.Ascii ?? (HasNoName ? "[UNAVAILABLE]" : ""));
        Add("ADDR", Address is null ? "" : Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPV6:" + Address : Address.ToString());
        Add("HELO", Helo);
        Add("PROTO", Protocol);
        Add("IDENT", Id);
        Add("SOURCE", Source);
        return line.ToString();

        void Add(string name, string value)
        {
            if (!taken.Contains(name)) return;
            if (line.Length > 0) line.Append(' ');
            var encoded = value.Length == 0 ? "[UNAVAILABLE]" : EnvelopeCommands.Xtext(value);
            line.Append(name).Append('=').Append(encoded.Length > MaxValue ? "[UNAVAILABLE]" : encoded);
        }
    }

    /// <summary>The facts the judges go by.</summary>
    internal SessionFacts Facts(DateTimeOffset began, string reference) =>
        new(Address ?? IPAddress.Any, Helo, Protocol.Length == 0 ? "ESMTP" : Protocol, null, null, null, began, reference)
        {
            ReverseName = Name,
            ReverseResult = Name is not null ? "pass" : HasNoName && Address is not null ? "fail" : "none",
        };
}
