using System.Text;

namespace Sternpost.Filter.Classifier;

/// <summary>
/// The octets the 4-gram learner reads: the header without the fields that name the route or a verdict, then the text
/// parts with their transfer encoding undone. Routes are left out because a learner that knows them learns the source instead of the spam (docs/accuracy.md).
/// </summary>
internal static class HeadOfMessage
{
    internal const int MaxOctets = 3500;
    private const int MaxHeaderOctets = 2048;
    private const int MaxFieldOctets = 240;

    internal static int Write(MessageUnderJudgement message, Span<byte> target)
    {
        var header = message.Header;
        var length = 0;
        foreach (var field in header.Fields)
        {
            var name = header.Name(field);
            if (IsRoute(name)) continue;
            Append(target, ref length, name, MaxHeaderOctets);
            Append(target, ref length, ": "u8, MaxHeaderOctets);
            var value = header.Value(field);
            Append(target, ref length, value[..Math.Min(value.Length, MaxFieldOctets)], MaxHeaderOctets);
            Append(target, ref length, "\n"u8, MaxHeaderOctets);
        }
        Append(target, ref length, "\n"u8, MaxOctets);
        foreach (var part in message.Mime.Parts)
        {
            if (!part.IsText || part.IsEmbedded) continue;
            Append(target, ref length, part.Decode(target.Length).Span, MaxOctets);
            if (length == target.Length) break;
        }
        return length;
    }

    private static void Append(Span<byte> target, ref int length, ReadOnlySpan<byte> text, int limit)
    {
        var room = Math.Min(limit, target.Length) - length;
        if (room <= 0) return;
        text = text[..Math.Min(text.Length, room)];
        text.CopyTo(target[length..]);
        length += text.Length;
    }

    internal static bool IsRoute(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Is(name, "Date"u8),
        8 => Is(name, "Received"u8),
        9 => Is(name, "X-UIDL"u8),
        11 => Is(name, "Return-Path"u8),
        12 => Is(name, "Received-SPF"u8) || Is(name, "Delivered-To"u8) || Is(name, "Envelope-To"u8),
        13 => Is(name, "X-Original-To"u8),
        14 => Is(name, "DKIM-Signature"u8) || Is(name, "ARC-Seal"u8),
        _ => Starts(name, "ARC-"u8) || Starts(name, "Authentication-Results"u8) || Starts(name, "X-Spam"u8) || Starts(name, "X-Virus"u8)
            || Starts(name, "X-Google-"u8) || Starts(name, "DomainKey-"u8) || Starts(name, "X-Gm-"u8) || Starts(name, "X-Sternpost-"u8),
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static bool Starts(ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix) =>
        name.Length >= prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix);
}
