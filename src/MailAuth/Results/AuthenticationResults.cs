using System.Net.Sockets;
using System.Text;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dkim2;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Results;

/// <summary>Writes Authentication-Results (RFC 8601 §2.2). What strangers wrote goes in only quoted or as a comment, never raw.</summary>
internal static class AuthenticationResults
{
    private const int MaxProperty = 254;
    private const int MaxComment = 120;

    public static string Value(AuthenticationOutcome outcome)
    {
        var value = new StringBuilder(256);
        Iprev(value, outcome);
        Next(value);
        Spf(value, outcome);
        foreach (var signature in outcome.Dkim)
        {
            Next(value);
            Dkim(value, signature);
        }
        if (outcome.Dkim.Count == 0)
        {
            Next(value);
            value.Append("dkim=none");
        }
        Next(value);
        Dmarc(value, outcome.Dmarc);
        if (outcome.Arc.Kind != ArcKind.None)
        {
            Next(value);
            Arc(value, outcome);
        }
        if (outcome.Dkim2 is { Kind: not Dkim2Kind.None } dkim2)
        {
            Next(value);
            Dkim2(value, dkim2);
        }
        return value.ToString();
    }

    private static void Iprev(StringBuilder value, AuthenticationOutcome outcome)
    {
        value.Append("iprev=").Append(outcome.Iprev);
        // An IPv6 address holds colons, which a bare value may not (RFC 2045 tspecials).
        Property(value, "policy.iprev", outcome.ClientAddress.ToString(), outcome.ClientAddress.AddressFamily == AddressFamily.InterNetworkV6);
    }

    private static void Spf(StringBuilder value, AuthenticationOutcome outcome)
    {
        value.Append("spf=").Append(outcome.Spf.Word);
        Comment(value, outcome.Spf.Problem);
        if (outcome.Spf.Identity == SpfIdentity.MailFrom && outcome.MailFrom is { } from) Property(value, "smtp.mailfrom", from);
        else if (outcome.Helo.Length > 0) Property(value, "smtp.helo", outcome.Helo);
    }

    // The draft names the four states (§11.1); the method is not registered yet.
    private static void Dkim2(StringBuilder value, Dkim2Result result)
    {
        value.Append("dkim2=").Append(result.Word);
        Comment(value, result.Reason.Length > 0 ? result.Reason : null);
        if (result.Hops is [var origin, ..]) Property(value, "header.d", origin.Ascii);
    }

    private static void Dkim(StringBuilder value, DkimResult signature)
    {
        value.Append("dkim=").Append(signature.Word);
        Comment(value, signature.Reason.Length > 0 ? signature.Reason
            : signature.UnsignedOctets > 0 ? $"{signature.UnsignedOctets} octets of the body are not signed"
            : signature.Testing ? "testing" : null);
        if (signature.Domain is not null) Property(value, "header.d", signature.Domain.Ascii);
        if (signature.Identity.Length > 0) Property(value, "header.i", signature.Identity);
        if (signature.Selector.Length > 0) Property(value, "header.s", signature.Selector);
        if (signature.Algorithm.Length > 0) Property(value, "header.a", signature.Algorithm);
        // RFC 6008 §4: base64 may hold a slash, an equals sign or a plus, so it is quoted.
        if (signature.SignaturePrefix.Length > 0) Property(value, "header.b", signature.SignaturePrefix);
    }

    private static void Dmarc(StringBuilder value, DmarcResult dmarc)
    {
        value.Append("dmarc=").Append(dmarc.Word);
        if (dmarc.Kind is DmarcKind.TempError or DmarcKind.PermError) Comment(value, dmarc.Reason);
        if (dmarc.AuthorDomain is not null) Property(value, "header.from", dmarc.AuthorDomain.Ascii);
        if (dmarc.Policy is { } policy) Property(value, "policy.dmarc", policy.ToString().ToLowerInvariant());
    }

    // RFC 8617 §10.2.
    private static void Arc(StringBuilder value, AuthenticationOutcome outcome)
    {
        value.Append("arc=").Append(outcome.Arc.Word);
        Comment(value, outcome.Arc.Kind == ArcKind.Pass ? $"i={outcome.Arc.HighestInstance}, sealed by {outcome.Arc.Links[^1].Sealer}" : outcome.Arc.Reason);
        Property(value, "smtp.remote-ip", outcome.ClientAddress.ToString());
    }

    private static void Next(StringBuilder value) => value.Append(";\r\n\t");

    private static void Property(StringBuilder value, string name, string text, bool quote = false)
    {
        value.Append(' ').Append(name).Append('=');
        if (text.Length > MaxProperty) text = text[..MaxProperty];
        quote |= text.Length == 0 || !text.All(IsBare);
        if (!quote)
        {
            value.Append(text);
            return;
        }
        value.Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') value.Append('\\');
            // A control character would break the field or the reader; strangers can put one into HELO or i=.
            value.Append(char.IsControl(c) ? '?' : c);
        }
        value.Append('"');
    }

    private static void Comment(StringBuilder value, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        value.Append(" (");
        foreach (var c in text.Length > MaxComment ? text[..MaxComment] : text)
        {
            if (c is '(' or ')' or '\\') value.Append('\\');
            value.Append(char.IsControl(c) ? '?' : c);
        }
        value.Append(')');
    }

    // RFC 8601 §2.2 pvalue: a value, or local@domain, may stand bare; RFC 2045 §5.1 token characters and the at sign.
    private static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`{|}~@".Contains(c, StringComparison.Ordinal);
}
