using System.Buffers;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Fraud;

/// <summary>
/// Callback phishing: a charge by a well-known brand that the reader knows nothing of, and a telephone number to "cancel" it. All the
/// deceit is in the call, so there is no link to find.
/// </summary>
internal sealed class CallbackJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol Callback = new("CALLBACK_CHARGE", 1.2, "The message tells of a charge by a well-known brand, and of a telephone number to call about it, from somebody else's address.");
    private static readonly Symbol FromFreeMail = new("CALLBACK_FREE_MAIL", 2.2, "The message tells of a charge by a well-known brand, and of a telephone number to call about it, from a free mail address.");

    private const int LookedAt = 6000;

    // The name as written, and the word one of which an honest domain of it holds.
    private static readonly (string Name, string Domain)[] Brands =
    [
        ("norton", "norton"), ("mcafee", "mcafee"), ("geek squad", "geeksquad"), ("geeksquad", "geeksquad"), ("lifelock", "lifelock"), ("paypal", "paypal"), ("coinbase", "coinbase"), ("quickbooks", "intuit"),
        ("best buy", "bestbuy"), ("microsoft defender", "microsoft"), ("windows defender", "microsoft"), ("amazon prime", "amazon"), ("apple pay", "apple"), ("venmo", "venmo"), ("zelle", "zelle"), ("malwarebytes", "malwarebytes"),
    ];

    private static readonly SearchValues<string> Charges = SearchValues.Create(
        ["charged", "debited", "deducted", "renewed", "renewal", "auto-renew", "subscription", "invoice", "order total", "amount due", "your purchase", "has been placed", "payment of"], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Calls = SearchValues.Create(
        ["cancel", "refund", "dispute", "did not authori", "didn't authori", "not authorized by you", "unauthorized", "not made by you", "did not make", "call us", "call our", "call immediately", "helpline", "help desk", "toll free", "toll-free", "customer care"], StringComparison.OrdinalIgnoreCase);

    public override string Name => "callback";

    public override IReadOnlyList<Symbol> Symbols => [Callback, FromFreeMail];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var text = message.Words(options.Attachments, LookedAt);
        if (!text.ContainsAny(Calls) || !text.ContainsAny(Charges) || !HasAmount(text) || !HasTelephone(text)) return [];
        if (message.Header.Has("List-Id"u8) || message.Header.Has("In-Reply-To"u8) || BrandOf(message, text) is null) return [];
        return [FreeMail.Contains(message.From.Domain) ? FromFreeMail.Found() : Callback.Found()];
    }

    private static string? BrandOf(MessageUnderJudgement message, ReadOnlySpan<char> text)
    {
        string? found = null;
        foreach (var (name, domain) in Brands)
        {
            if (!text.Contains(name, StringComparison.OrdinalIgnoreCase) && !message.Subject.Contains(name, StringComparison.OrdinalIgnoreCase) && !message.From.Name.Contains(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (message.From.Domain.Contains(domain, StringComparison.Ordinal)) return null;
            found = name;
        }
        return found;
    }

    private static bool HasAmount(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAny('$', '€', '£'); i >= 0;)
        {
            var near = text[Math.Max(0, i - 8)..Math.Min(text.Length, i + 9)];
            if (near.IndexOfAnyInRange('0', '9') >= 0) return true;
            var rest = text[(i + 1)..].IndexOfAny('$', '€', '£');
            i = rest < 0 ? -1 : i + 1 + rest;
        }
        return text.Contains(" USD", StringComparison.Ordinal) || text.Contains("USD ", StringComparison.Ordinal);
    }

    // Ten or eleven digits in groups, as North America writes them and as the fraud does: 1-808-555-0123, (808) 555 0123, +1 808.555.0123.
    internal static bool HasTelephone(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]) || (i > 0 && (char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '/' or '=' or '#' or '.'))) continue;
            int digits = 0, groups = 1, at = i;
            for (var separators = 0; at < text.Length; at++)
            {
                if (char.IsAsciiDigit(text[at]))
                {
                    digits++;
                    if (separators > 0) groups++;
                    separators = 0;
                }
                else if (text[at] is ' ' or '-' or '.' or '(' or ')' or '\u00A0' && separators < 3) separators++;
                else break;
                if (digits > 11) break;
            }
            if (digits is 10 or 11 && groups >= 3) return true;
            i = Math.Max(i, at - 1);
        }
        return false;
    }
}
