using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Dkim;

/// <summary>Which field a signature stands in; they share all but a few tags.</summary>
internal enum SignatureField
{
    /// <summary>DKIM-Signature (RFC 6376 §3.5).</summary>
    Dkim,
    /// <summary>ARC-Message-Signature (RFC 8617 §4.1.2): no v, and i is the instance.</summary>
    ArcMessage,
    /// <summary>ARC-Seal (RFC 8617 §4.1.3): signs no body and no list of fields.</summary>
    ArcSeal,
}

/// <summary>The tags of one signature, read and found to make sense together.</summary>
internal sealed class SignatureTags
{
    private const int PrefixLength = 8;
    private const long NoLimit = long.MaxValue;

    public required string AlgorithmText { get; init; }
    public required SigningAlgorithm Algorithm { get; init; }
    public required DomainName Domain { get; init; }
    public required string Selector { get; init; }
    public required DomainName KeyName { get; init; }
    public required byte[] Signature { get; init; }
    public required string Identity { get; init; }
    public byte[] BodyHash { get; init; } = [];
    public bool RelaxedHeader { get; init; } = true;
    public bool RelaxedBody { get; init; }
    public IReadOnlyList<string> SignedNames { get; init; } = [];
    public long BodyLimit { get; init; } = NoLimit;
    public DateTimeOffset? SignedAt { get; init; }
    public DateTimeOffset? Expires { get; init; }

    /// <summary>cv= of a seal (RFC 8617 §4.1.3); null in the other fields.</summary>
    public string? ChainStatus { get; init; }

    /// <summary>True where i= is a name below d=, which keys with t=s forbid (RFC 6376 §3.6.1).</summary>
    public bool IdentityIsBelow { get; init; }

    public bool HasBodyLimit => BodyLimit != NoLimit;

    /// <summary>Reads the value of a signature field. Where it is no use, <paramref name="problem"/> is its result, with as much as could be read.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> value, SignatureField field, [NotNullWhen(true)] out SignatureTags? signature, [NotNullWhen(false)] out DkimResult? problem)
    {
        signature = null;
        problem = null;
        if (value.Length > AuthenticationBudget.SignatureOctets)
        {
            problem = new DkimResult(DkimKind.Neutral, null, "the signature field is too long");
            return false;
        }
        // RFC 8616 §2: tags of internationalised mail are UTF-8; what is not becomes U+FFFD and matches nothing.
        if (!TagList.TryParse(Encoding.UTF8.GetString(value), out var tags))
        {
            problem = new DkimResult(DkimKind.Neutral, null, "the signature is not a list of tags");
            return false;
        }
        var reading = new Reading(tags, field);
        signature = reading.Read();
        problem = reading.Problem;
        return signature is not null;
    }

    /// <summary>A result about this signature.</summary>
    public DkimResult Result(DkimKind kind, string reason = "") => new(kind, Domain, reason)
    {
        Selector = Selector,
        Algorithm = AlgorithmText,
        Identity = Identity,
        SignaturePrefix = Prefix(Convert.ToBase64String(Signature.AsSpan(0, Math.Min(6, Signature.Length)))),
    };

    private static string Prefix(string signature) => signature.Length > PrefixLength ? signature[..PrefixLength] : signature;

    private sealed class Reading(TagList tags, SignatureField field)
    {
        private readonly DomainName? domain = DomainName.TryParse(tags["d"], out var name) ? name : null;

        public DkimResult? Problem { get; private set; }

        public SignatureTags? Read()
        {
            if (field == SignatureField.Dkim && tags["v"] is var version && version != "1")
                return Fail(version is null ? DkimKind.PermError : DkimKind.Neutral, version is null ? "the signature has no v=" : "the signature is of an unknown version");
            // RFC 8617 §4.1.3: a seal's scope is fixed, and one that names its own fails.
            if (field == SignatureField.ArcSeal && tags["h"] is not null) return Fail(DkimKind.PermError, "the seal has an h=");
            if (MissingTag() is { } missing) return Fail(DkimKind.PermError, $"the signature has no {missing}=");
            if (SigningAlgorithms.Parse(tags["a"]) is not { } algorithm) return Fail(DkimKind.Neutral, "the signature's algorithm is unknown");
            if (!TryForms(out var relaxedHeader, out var relaxedBody)) return Fail(DkimKind.Neutral, "the signature's canonicalization is unknown");
            if (!AsksDns()) return Fail(DkimKind.Neutral, "the signature's key is to be fetched in an unknown way");
            if (domain is null) return Fail(DkimKind.PermError, "d= is not a domain");
            // RFC 6376 §3.5 s=: one or more labels.
            if (!DomainName.TryParse(tags["s"], out var selector) || !DomainName.TryParse(selector.Ascii + "._domainkey." + domain.Ascii, out var keyName))
                return Fail(DkimKind.PermError, "s= is not a selector");
            if (!TryBase64(tags["b"]!, out var signature) || signature.Length == 0) return Fail(DkimKind.Neutral, "b= is not base64");
            byte[] bodyHash = [];
            if (field != SignatureField.ArcSeal && !TryBase64(tags["bh"]!, out bodyHash)) return Fail(DkimKind.Neutral, "bh= is not base64");
            if (!TryNames(out var names)) return null;
            if (!TryIdentity(out var identity, out var isBelow)) return Fail(DkimKind.PermError, "i= does not lie within d=");
            if (!TryLimit(out var limit)) return Fail(DkimKind.PermError, "l= is not a number");
            if (!TryTime("t", out var signedAt) || !TryTime("x", out var expires)) return Fail(DkimKind.PermError, "t= or x= is not a time");
            // RFC 6376 §3.5 x=: later than t=.
            if (signedAt is not null && expires <= signedAt) return Fail(DkimKind.PermError, "the signature expires before it was made");
            return new SignatureTags
            {
                AlgorithmText = algorithm.Tag(),
                Algorithm = algorithm,
                Domain = domain,
                Selector = tags["s"]!,
                KeyName = keyName,
                Signature = signature,
                Identity = identity,
                IdentityIsBelow = isBelow,
                BodyHash = bodyHash,
                RelaxedHeader = relaxedHeader,
                RelaxedBody = relaxedBody,
                SignedNames = names,
                BodyLimit = limit,
                SignedAt = signedAt,
                Expires = expires,
                ChainStatus = field == SignatureField.ArcSeal ? tags["cv"] : null,
            };
        }

        private SignatureTags? Fail(DkimKind kind, string reason)
        {
            Problem = new DkimResult(kind, domain, reason)
            {
                Selector = tags["s"] ?? "",
                Algorithm = tags["a"] ?? "",
                SignaturePrefix = Prefix(TagList.WithoutSpace(tags["b"] ?? "")),
            };
            return null;
        }

        private string? MissingTag()
        {
            ReadOnlySpan<string> required = field == SignatureField.ArcSeal ? ["a", "b", "cv", "d", "s"] : ["a", "b", "bh", "d", "h", "s"];
            foreach (var tag in required)
            {
                if (tags[tag] is null) return tag;
            }
            return null;
        }

        private bool TryForms(out bool relaxedHeader, out bool relaxedBody)
        {
            // RFC 8617 §4.1.3: a seal's form is relaxed and has no tag.
            (relaxedHeader, relaxedBody) = (field == SignatureField.ArcSeal, false);
            if (field == SignatureField.ArcSeal || tags["c"] is not { } forms) return true;
            var slash = forms.IndexOf('/', StringComparison.Ordinal);
            return TryForm(slash < 0 ? forms : forms[..slash], out relaxedHeader) & TryForm(slash < 0 ? "simple" : forms[(slash + 1)..], out relaxedBody);
        }

        private static bool TryForm(string form, out bool relaxed)
        {
            relaxed = form.Equals("relaxed", StringComparison.OrdinalIgnoreCase);
            return relaxed || form.Equals("simple", StringComparison.OrdinalIgnoreCase);
        }

        // RFC 6376 §3.5 q=: only dns/txt is defined; drafts before it wrote dns.
        private bool AsksDns() =>
            tags["q"] is not { } methods || TagList.WithoutSpace(methods).ToLowerInvariant().Split(':').Any(method => method is "dns/txt" or "dns");

        private bool TryNames(out IReadOnlyList<string> names)
        {
            names = [];
            if (field == SignatureField.ArcSeal) return true;
            var list = tags["h"]!.Split(':', AuthenticationBudget.SignedNames + 1, StringSplitOptions.TrimEntries);
            names = list;
            if (list.Length > AuthenticationBudget.SignedNames) Fail(DkimKind.Neutral, "the signature covers too many fields");
            // RFC 6376 §5.4: the From field MUST be signed.
            else if (field == SignatureField.Dkim && !Array.Exists(list, name => name.Equals("from", StringComparison.OrdinalIgnoreCase)))
                Fail(DkimKind.PermError, "the signature does not cover the From field");
            // RFC 8617 §4.1.2: the message signature leaves the seals out.
            else if (field == SignatureField.ArcMessage && Array.Exists(list, name => name.Equals("arc-seal", StringComparison.OrdinalIgnoreCase)))
                Fail(DkimKind.PermError, "the ARC message signature covers a seal");
            return Problem is null;
        }

        private bool TryIdentity(out string identity, out bool isBelow)
        {
            isBelow = false;
            identity = "@" + domain!.Ascii;
            if (field != SignatureField.Dkim || tags["i"] is not { } quoted) return true;
            var given = QuotedPrintable.Decode(TagList.WithoutSpace(quoted));
            var at = given.LastIndexOf('@');
            if (at < 0 || !DomainName.TryParse(given[(at + 1)..], out var name) || !name.IsWithin(domain)) return false;
            isBelow = name != domain;
            identity = given;
            return true;
        }

        private bool TryLimit(out long limit)
        {
            limit = NoLimit;
            if (field == SignatureField.ArcSeal || tags["l"] is not { } text) return true;
            if (text.Length == 0 || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0) return false;
            // RFC 6376 §3.5 l=: up to 76 digits; one that fits no long is longer than any body.
            if (!long.TryParse(text, out limit)) limit = NoLimit - 1;
            return true;
        }

        private bool TryTime(string tag, out DateTimeOffset? time)
        {
            time = null;
            if (tags[tag] is not { } text) return true;
            if (text.Length == 0 || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0) return false;
            // RFC 6376 §3.5 x=: beyond 12 digits may be taken for infinity.
            time = long.TryParse(text, out var seconds) && seconds < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.MaxValue;
            return true;
        }

        private static bool TryBase64(string text, out byte[] octets)
        {
            var buffer = new byte[(text.Length * 3 / 4) + 3];
            // Decodes over white space, which base64 in tags may hold anywhere (RFC 6376 §3.2 base64string).
            var sound = Convert.TryFromBase64String(text, buffer, out var length);
            octets = sound ? buffer[..length] : [];
            return sound;
        }
    }
}
