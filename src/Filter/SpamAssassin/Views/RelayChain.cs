using System.Net;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>
/// The way of a message, topmost Received field first, and how far it is trusted: without configured networks up to the first client with a public
/// address that did not sign in.
/// </summary>
internal sealed partial class RelayChain
{
    private const int MostFields = 200;

    internal List<Relay> Trusted { get; } = [];

    internal List<Relay> Untrusted { get; } = [];

    internal List<Relay> Internal { get; } = [];

    internal List<Relay> External { get; } = [];

    /// <summary>Received fields in a form nobody knows.</summary>
    internal int Unparseable { get; private set; }

    /// <summary>Index of the last Received field that is trusted, -1 for none; and likewise of the last internal one.</summary>
    internal int LastTrusted { get; private set; } = -1;

    internal int LastInternal { get; private set; } = -1;

    internal string TrustedText { get; private set; } = "";

    internal string UntrustedText { get; private set; } = "";

    internal string InternalText { get; private set; } = "";

    internal string ExternalText { get; private set; } = "";

    internal static RelayChain Of(MessagePart root, RuleData data)
    {
        var chain = new RelayChain();
        var fields = root.FieldsOf("received").Take(MostFields).Select(field => field.Decoded).ToList();
        foreach (var header in data.OriginatingHeaders)
        {
            if (root.Field(header.ToLowerInvariant()) is { Length: > 0 } value && FirstAddress(value) is { } address) fields.Add("from X-Originating-IP: " + address);
        }
        chain.Read(fields, data);
        chain.TrustedText = string.Join(' ', chain.Trusted);
        chain.UntrustedText = string.Join(' ', chain.Untrusted);
        chain.InternalText = string.Join(' ', chain.Internal);
        chain.ExternalText = string.Join(' ', chain.External);
        return chain;
    }

    private void Read(List<string> fields, RuleData data)
    {
        var (inTrusted, inInternal, submitted, fetchable) = (true, true, false, true);
        string? sender = null;
        foreach (var field in fields)
        {
            var (outcome, relay) = ReceivedField.Read(field, out var scannerSender);
            if (outcome == ReceivedOutcome.Unknown) Unparseable++;
            if (outcome == ReceivedOutcome.Fetcher && fetchable)
            {
                Trusted.Clear();
                Internal.Clear();
                External.Clear();
            }
            if (relay is null)
            {
                if (inTrusted) LastTrusted++;
                if (inInternal) LastInternal++;
                sender = scannerSender;
                continue;
            }
            if (!string.IsNullOrEmpty(sender)) relay = relay with { EnvelopeFrom = sender };
            sender = scannerSender;
            if (inTrusted && !submitted) (inTrusted, inInternal, submitted) = Extend(relay, inInternal, data);
            relay.IsInternal = inInternal;
            (inTrusted ? Trusted : Untrusted).Add(relay);
            (inInternal ? Internal : External).Add(relay);
            if (inTrusted) LastTrusted++;
            if (inInternal) LastInternal++;
            fetchable = inTrusted;
        }
    }

    private static (bool Trusted, bool Internal, bool Submitted) Extend(Relay relay, bool inInternal, RuleData data)
    {
        var signedIn = relay.Authentication.Length > 0;
        if (!data.Networks.ContainsKey("trusted_networks") && !data.Networks.ContainsKey("internal_networks"))
        {
            var inferred = relay.IsPrivate || signedIn;
            return (inferred, inferred && inInternal, false);
        }
        var trusted = data.Networks.ContainsKey("trusted_networks") ? "trusted_networks" : "internal_networks";
        var inside = data.Networks.ContainsKey("internal_networks") ? "internal_networks" : "trusted_networks";
        if (!signedIn && !Contains(data, trusted, relay.Address)) return (false, false, false);
        relay.IsSubmission = data.Networks.ContainsKey("msa_networks") && Contains(data, "msa_networks", relay.Address);
        return (true, inInternal && (signedIn || Contains(data, inside, relay.Address)), relay.IsSubmission);
    }

    private static bool Contains(RuleData data, string setting, string text)
    {
        if (!IPAddress.TryParse(text, out var address)) return false;
        // 127.0.0.0/8 and ::1 are always one's own; the first network that fits decides.
        if (setting != "msa_networks" && IPAddress.IsLoopback(address)) return true;
        foreach (var (network, excluded) in data.Networks[setting])
        {
            if (network.Contains(address)) return !excluded;
        }
        return false;
    }

    private static string? FirstAddress(string text)
    {
        foreach (Match match in AddressLike().Matches(text))
        {
            if (HostNames.IsAddress(match.Value)) return match.Value;
        }
        return null;
    }

    [GeneratedRegex(@"(?<![0-9A-Fa-f.:])[0-9A-Fa-f.:]{3,45}(?![0-9A-Fa-f.:])")]
    private static partial Regex AddressLike();
}
