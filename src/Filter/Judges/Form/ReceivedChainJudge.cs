using System.Buffers;
using System.Globalization;
using System.Net;
using MimeKit.Utils;
using Sternpost.Filter.Verdicts;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Judges.Form;

/// <summary>The way the message says it came (RFC 5321 §4.4): each server writes above the one before, so times rise from bottom to top, and addresses exist.</summary>
internal sealed class ReceivedChainJudge : LocalJudge
{
    private static readonly Symbol Backwards = new("RECEIVED_BACKWARDS", 0.6, "By its own account the message was passed on more than a day before it was sent.");
    private static readonly Symbol BadAddress = new("RECEIVED_BAD_ADDRESS", 1.2, "A server on the message's way is said to have an address that cannot exist.");

    // Clocks are wrong by hours more often than by days; a queue holds mail back, never forward.
    private static readonly TimeSpan Tolerance = TimeSpan.FromDays(1);

    private static readonly SearchValues<char> DigitsAndDots = SearchValues.Create("0123456789.");

    private const int MostFields = 40;
    private const int MaxLength = 1000;

    public override string Name => "received-chain";

    public override IReadOnlyList<Symbol> Symbols => [Backwards, BadAddress];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        DateTimeOffset? later = null;
        bool backwards = false, bad = false;
        var seen = 0;
        foreach (var field in message.Header.Fields)
        {
            if (!System.Text.Ascii.EqualsIgnoreCase(message.Header.Name(field), "Received"u8)) continue;
            if (seen++ == MostFields) break;
            var value = message.Header.Value(field);
            if (value.Length > MaxLength) continue;
            var text = HeaderText.Raw(value);
            bad |= HasImpossibleAddress(text);
            // Behind the last semicolon (RFC 5322 §3.6.7).
            var semicolon = text.LastIndexOf(';');
            if (semicolon < 0 || !DateUtils.TryParse(text[(semicolon + 1)..], out var date)) continue;
            // Each field is older than the one above it.
            if (later is { } above && date > above + Tolerance) backwards = true;
            later = date;
        }
        if (!backwards && !bad) return [];
        return [.. backwards ? [Backwards.Found()] : Array.Empty<Finding>(), .. bad ? [BadAddress.Found()] : Array.Empty<Finding>()];
    }

    // In square brackets stands what the receiving server saw; four numbers there are an IPv4 address or nothing.
    private static bool HasImpossibleAddress(string text)
    {
        for (var open = text.IndexOf('['); open >= 0; open = text.IndexOf('[', open + 1))
        {
            var close = text.IndexOf(']', open);
            if (close < 0) return false;
            var inside = text.AsSpan(open + 1, close - open - 1);
            if (IsFourNumbers(inside) && !IPAddress.TryParse(inside, out _)) return true;
        }
        return false;
    }

    private static bool IsFourNumbers(ReadOnlySpan<char> text)
    {
        if (text.Length is < 7 or > 15 || text.Count('.') != 3 || text.ContainsAnyExcept(DigitsAndDots)) return false;
        foreach (var range in text.Split('.'))
        {
            if (text[range].IsEmpty || !int.TryParse(text[range], NumberStyles.None, CultureInfo.InvariantCulture, out _)) return false;
        }
        return true;
    }
}
