using Sternpost.Messages.Structure;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>Tests of the header and the size (RFC 5228 §5.1, §5.5, §5.7, §5.9).</summary>
internal static class HeaderTests
{
    // RFC 5228 §5.1 asks for the first seven at least; the others hold addresses as well.
    private static readonly HashSet<string> AddressFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "from", "to", "cc", "bcc", "sender", "resent-from", "resent-to", "reply-to", "resent-reply-to", "resent-sender", "resent-cc", "resent-bcc", "for-approval", "for-handling", "for-comment",
        "apparently-to", "errors-to", "delivered-to", "return-receipt-to", "x-admin", "read-receipt-to", "x-confirm-reading-to", "return-receipt-requested", "registered-mail-reply-requested-by",
        "mail-followup-to", "mail-reply-to", "abuse-reports-to", "x-complaints-to", "x-report-abuse-to", "x-beenthere", "x-original-from", "x-original-to", "return-path", "disposition-notification-to",
        "x-delivered-to", "list-post", "envelope-to", "x-envelope-to", "x-envelope-from", "x-sender",
    };

    internal static readonly CommandSpec[] All =
    [
        new("header") { Tags = [.. MatchTags.Match, .. MatchTags.Index, .. MatchTags.Mime], Positionals = [new(ArgumentKind.TextList, "header names"), new(ArgumentKind.TextList, "key list")], Test = Header },
        new("address")
        {
            Tags = [.. MatchTags.Match, .. MatchTags.AddressPart, .. MatchTags.Index, .. MatchTags.MimeFields],
            Positionals = [new(ArgumentKind.TextList, "header list"), new(ArgumentKind.TextList, "key list")],
            Test = Address,
        },
        new("exists") { Tags = MatchTags.MimeFields, Positionals = [new(ArgumentKind.TextList, "header names")], Test = Exists },
        new("size") { Tags = [new("over", "limit"), new("under", "limit")], Positionals = [new(ArgumentKind.Number, "limit")], Test = Size },
    ];

    private static Condition? Header(BoundCommand bound)
    {
        var (names, keys) = (bound.Texts(0), bound.Texts(1));
        CheckNames(bound, names);
        if (MatchTags.Read(bound, keys) is not { } match || MatchTags.ReadIndex(bound) is not { } index || MimeScope.Read(bound) is not { } scope) return null;
        return run => match.Test(run, names.SelectMany(name => MatchTags.At(scope.Fields(run, name.Of(run)), index)).SelectMany(field => scope.Values(run, field)), keys);
    }

    private static Condition? Address(BoundCommand bound)
    {
        var (names, keys) = (bound.Texts(0), bound.Texts(1));
        CheckNames(bound, names);
        foreach (var name in names)
        {
            if (name.Constant is not { } fixedName || AddressFields.Contains(fixedName.TrimEnd(':'))) continue;
            bound.Fail($"header '{fixedName}' is not allowed for the address test");
            return null;
        }
        if (MatchTags.Read(bound, keys) is not { } match || MatchTags.ReadIndex(bound) is not { } index || MimeScope.Read(bound) is not { } scope) return null;
        var part = AddressPart.Read(bound);
        return run => match.Test(
            run,
            names.Select(name => name.Of(run)).Where(AddressFields.Contains).SelectMany(name => MatchTags.At(scope.Fields(run, name), index)).SelectMany(field => Addresses(field)).Select(address => part.Of(run, address)).OfType<string>(),
            keys);
    }

    // Unparsable text counts as one address that has no parts, so that it can be seen but matches nothing by them.
    private static IEnumerable<SieveAddress> Addresses(SieveField field)
    {
        var found = AddressList.Parse(field.Value);
        var any = false;
        foreach (var address in found)
        {
            if (address is not { Mailbox: { } mailbox, Host: { } host }) continue;
            any = true;
            yield return host.Length > 0 && mailbox.Length > 0 && System.Text.Ascii.IsValid(mailbox + host) ? new SieveAddress(mailbox, host, null) : new SieveAddress(null, null, host.Length > 0 || mailbox.Length == 0 ? field.Value : mailbox);
        }
        if (!any && found.Count == 0) yield return new SieveAddress(null, null, field.Value);
    }

    private static Condition? Exists(BoundCommand bound)
    {
        var names = bound.Texts(0);
        CheckNames(bound, names);
        if (MimeScope.Read(bound) is not { } scope) return null;
        return run => names.All(name => scope.Fields(run, name.Of(run)).Any());
    }

    private static Condition? Size(BoundCommand bound)
    {
        var limit = bound.Number(0);
        switch (bound.Tag("limit"))
        {
            // RFC 5228 §5.9: a message of exactly this size is neither.
            case "over": return run => (ulong)run.Message.Size > limit;
            case "under": return run => (ulong)run.Message.Size < limit;
            default:
                bound.Fail("the size test requires either :over or :under");
                return null;
        }
    }

    private static void CheckNames(BoundCommand bound, IReadOnlyList<TextValue> names)
    {
        foreach (var name in names)
        {
            if (name.Constant is { } known && (known.Length == 0 || !known.All(c => c is > ' ' and < '\x7f' and not ':'))) bound.Compiler.Warn(bound.Line, $"'{known}' is no name of a header field, so the {bound.Title} finds nothing");
        }
    }
}
