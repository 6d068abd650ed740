using System.Buffers.Text;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>What MAIL said.</summary>
internal readonly record struct MailArgument
{
    // RFC 3461 §4.4.
    private const int MaxEnvelopeId = 100;

    // Shorter ones would meet by chance.
    private const int MinOnceKey = 16;
    private const int MaxOnceKey = 64;

    /// <summary>Null for the null reverse-path.</summary>
    internal EmailAddress? ReversePath { get; private init; }

    /// <summary>SIZE= in octets (RFC 1870 §6); 0 where it was not given.</summary>
    internal long Size { get; private init; }

    internal BodyKind Body { get; private init; }

    internal bool SmtpUtf8 { get; private init; }

    /// <summary>REQUIRETLS (RFC 8689 §2).</summary>
    internal bool RequireTls { get; private init; }

    internal DsnReturn Return { get; private init; }

    /// <summary>ENVID= decoded.</summary>
    internal string? EnvelopeId { get; private init; }

    /// <summary>XONCE=, of this server alone: the key under which a message is kept once, however often it is handed over.</summary>
    internal string? OnceKey { get; private init; }

    /// <summary>mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] (RFC 5321 §4.1.1.2), from the "FROM:" on.</summary>
    /// <param name="text">The command's argument.</param>
    /// <param name="esmtp">False after HELO, where nothing was offered and so no parameter exists (RFC 5321 §2.2.1).</param>
    /// <param name="auth">True where AUTH is offered, so that AUTH= exists (RFC 4954 §5).</param>
    /// <param name="tls">True inside TLS, where REQUIRETLS is offered (RFC 8689 §2).</param>
    internal static Parsed<MailArgument> Parse(ReadOnlySpan<byte> text, bool esmtp, bool auth, bool tls = false)
    {
        if (text.Length < 5 || !Ascii.EqualsIgnoreCase(text[..5], "FROM:"u8)) return Replies.MailSyntax;
        // RFC 5321 §3.3 forbids the space after the colon; machines that print and scan send it.
        text = text[5..].TrimStart((byte)' ');
        var whole = text;
        var path = SmtpPath.ReadReverse(ref text);
        if (path.IsRefused) return path.Refusal;
        var octets = whole[..^text.Length];
        var mail = new MailArgument { ReversePath = path.Value };
        var seen = Seen.None;
        var parameters = new EsmtpParameters(text);
        while (parameters.TryNext())
        {
            if (!esmtp) return Replies.ParameterWithoutEhlo;
            var (parameter, refusal) = Take(ref mail, parameters, auth, tls);
            if (refusal is not null) return refusal;
            if ((seen & parameter) != 0) return Replies.ParameterTwice;
            seen |= parameter;
        }
        if (parameters.Malformed) return Replies.ParameterSyntax;
        // RFC 6531 §3.4: beyond ASCII an address may be named only with SMTPUTF8.
        return mail.SmtpUtf8 || Ascii.IsValid(octets) ? mail : Replies.SenderNeedsSmtpUtf8;
    }

    private static (Seen Parameter, Reply? Refusal) Take(ref MailArgument mail, in EsmtpParameters parameter, bool auth, bool tls)
    {
        var value = parameter.Value;
        if (parameter.Is("SIZE"u8))
        {
            if (!TryReadSize(value, out var size)) return (Seen.Size, Replies.SizeSyntax);
            mail = mail with { Size = size };
            return (Seen.Size, null);
        }
        if (parameter.Is("BODY"u8))
        {
            // RFC 6152 §2. BINARYMIME is not offered: a queue that meets a server without it could not pass the message on (RFC 3030 §3).
            if (Ascii.EqualsIgnoreCase(value, "8BITMIME"u8)) mail = mail with { Body = BodyKind.EightBitMime };
            else if (!Ascii.EqualsIgnoreCase(value, "7BIT"u8)) return (Seen.Body, Replies.BodySyntax);
            return (Seen.Body, null);
        }
        if (parameter.Is("SMTPUTF8"u8))
        {
            if (!value.IsEmpty) return (Seen.SmtpUtf8, Replies.ParameterSyntax);
            mail = mail with { SmtpUtf8 = true };
            return (Seen.SmtpUtf8, null);
        }
        if (parameter.Is("RET"u8))
        {
            // RFC 3461 §4.3.
            if (Ascii.EqualsIgnoreCase(value, "FULL"u8)) mail = mail with { Return = DsnReturn.Full };
            else if (Ascii.EqualsIgnoreCase(value, "HDRS"u8)) mail = mail with { Return = DsnReturn.Headers };
            else return (Seen.Return, Replies.ReturnSyntax);
            return (Seen.Return, null);
        }
        if (parameter.Is("ENVID"u8))
        {
            if (value.Length is 0 or > MaxEnvelopeId || !Xtext.TryDecode(value, out var id)) return (Seen.EnvelopeId, Replies.EnvelopeIdSyntax);
            mail = mail with { EnvelopeId = id };
            return (Seen.EnvelopeId, null);
        }
        if (tls && parameter.Is("REQUIRETLS"u8))
        {
            // RFC 8689 §2: it has no value.
            if (!value.IsEmpty) return (Seen.RequireTls, Replies.ParameterSyntax);
            mail = mail with { RequireTls = true };
            return (Seen.RequireTls, null);
        }
        if (auth && parameter.Is("XONCE"u8))
        {
            if (value.Length is < MinOnceKey or > MaxOnceKey || !Xtext.TryDecode(value, out var key)) return (Seen.Once, Replies.ParameterSyntax);
            mail = mail with { OnceKey = key };
            return (Seen.Once, null);
        }
        // RFC 4954 §5: who submitted the message first. Nobody here trusts another's word for that, so it is read and forgotten.
        if (auth && parameter.Is("AUTH"u8)) return (Seen.Auth, Xtext.TryDecode(value, out _) ? null : Replies.ParameterSyntax);
        return (Seen.None, Replies.UnknownParameter(Encoding.ASCII.GetString(parameter.Keyword)));
    }

    // RFC 1870 §6.1: size-value ::= 1*20DIGIT. What exceeds 63 bits exceeds every limit too.
    private static bool TryReadSize(ReadOnlySpan<byte> digits, out long size)
    {
        size = 0;
        if (digits.Length is 0 or > 20 || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return false;
        if (!Utf8Parser.TryParse(digits, out size, out _)) size = long.MaxValue;
        return true;
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        Size = 1,
        Body = 2,
        SmtpUtf8 = 4,
        Return = 8,
        EnvelopeId = 16,
        Auth = 32,
        RequireTls = 64,
        Once = 128,
    }
}
