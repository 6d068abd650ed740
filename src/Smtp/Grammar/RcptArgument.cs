using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>What RCPT said.</summary>
internal readonly record struct RcptArgument
{
    /// <summary>Null for <c>&lt;Postmaster&gt;</c> without a domain.</summary>
    internal EmailAddress? ForwardPath { get; private init; }

    internal DsnNotify Notify { get; private init; }

    /// <summary>ORCPT= decoded.</summary>
    internal string? OriginalRecipient { get; private init; }

    /// <summary>rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters] (RFC 5321 §4.1.1.3), from the "TO:" on.</summary>
    /// <param name="text">The command's argument.</param>
    /// <param name="esmtp">False after HELO.</param>
    /// <param name="smtpUtf8">The transaction began with SMTPUTF8.</param>
    internal static Parsed<RcptArgument> Parse(ReadOnlySpan<byte> text, bool esmtp, bool smtpUtf8)
    {
        if (text.Length < 3 || !Ascii.EqualsIgnoreCase(text[..3], "TO:"u8)) return Replies.RcptSyntax;
        text = text[3..].TrimStart((byte)' ');
        var whole = text;
        var path = SmtpPath.ReadForward(ref text);
        if (path.IsRefused) return path.Refusal;
        // RFC 6531 §3.4.
        if (!smtpUtf8 && !Ascii.IsValid(whole[..^text.Length])) return Replies.RecipientNeedsSmtpUtf8;
        var recipient = new RcptArgument { ForwardPath = path.Value };
        bool notify = false, original = false;
        var parameters = new EsmtpParameters(text);
        while (parameters.TryNext())
        {
            if (!esmtp) return Replies.ParameterWithoutEhlo;
            if (parameters.Is("NOTIFY"u8))
            {
                if (notify) return Replies.ParameterTwice;
                notify = true;
                if (ReadNotify(parameters.Value) is not { } asked) return Replies.NotifySyntax;
                recipient = recipient with { Notify = asked };
            }
            else if (parameters.Is("ORCPT"u8))
            {
                if (original) return Replies.ParameterTwice;
                original = true;
                if (!Sternpost.Smtp.Grammar.OriginalRecipient.TryDecode(parameters.Value, out var decoded)) return Replies.OriginalRecipientSyntax;
                recipient = recipient with { OriginalRecipient = decoded };
            }
            else return Replies.UnknownParameter(Encoding.ASCII.GetString(parameters.Keyword));
        }
        return parameters.Malformed ? Replies.ParameterSyntax : recipient;
    }

    // RFC 3461 §4.1: notify-esmtp-value = "NEVER" / (notify-list-element *( "," notify-list-element)).
    private static DsnNotify? ReadNotify(ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(value, "NEVER"u8)) return DsnNotify.Never;
        var notify = DsnNotify.Default;
        foreach (var range in value.Split((byte)','))
        {
            var element = value[range];
            var one = Ascii.EqualsIgnoreCase(element, "SUCCESS"u8) ? DsnNotify.Success
                : Ascii.EqualsIgnoreCase(element, "FAILURE"u8) ? DsnNotify.Failure
                : Ascii.EqualsIgnoreCase(element, "DELAY"u8) ? DsnNotify.Delay
                : DsnNotify.Default;
            if (one == DsnNotify.Default || notify.HasFlag(one)) return null;
            notify |= one;
        }
        return notify;
    }
}
