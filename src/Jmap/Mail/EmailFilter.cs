using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes.Objects;
using Sternpost.Mailboxes.Searching;

namespace Sternpost.Jmap.Mail;

/// <summary>One condition's property with its value, read.</summary>
internal sealed record EmailTest(string Name, int Cost)
{
    internal string Text { get; init; } = "";
    internal long Number { get; init; }
    internal bool Flag { get; init; }
    internal IReadOnlyList<string> Terms { get; init; } = [];
    internal HashSet<long> Ids { get; init; } = [];
    internal string? HeaderValue { get; init; }
}

/// <summary>The conditions of Email/query (RFC 8621 §4.4.1): reading them, and whether an email meets them.</summary>
internal sealed class EmailFilter
{
    private readonly FilterTree<IReadOnlyList<EmailTest>>? tree;

    private EmailFilter(FilterTree<IReadOnlyList<EmailTest>>? tree) => this.tree = tree;

    /// <summary>Words that messages' bodies must be asked for.</summary>
    internal IEnumerable<string> BodyTerms => Tests.Where(test => test.Name is "text" or "body").SelectMany(test => test.Terms).Distinct(StringComparer.Ordinal);

    /// <summary>All words looked for, for snippets.</summary>
    internal IEnumerable<string> AllTerms(Func<string, bool> property) => Tests.Where(test => property(test.Name)).SelectMany(test => test.Terms).Distinct(StringComparer.Ordinal);

    /// <summary>True where an email's matching hangs on others of its thread.</summary>
    internal bool LooksAtThreads => Tests.Any(test => test.Name.Contains("InThread", StringComparison.Ordinal));

    private IEnumerable<EmailTest> Tests => tree?.Leaves().SelectMany(tests => tests) ?? [];

    internal static EmailFilter Read(MethodCall call) => new(FilterTree<IReadOnlyList<EmailTest>>.Read(call.Arguments.Object("filter"), json => Condition(call, json)));

    /// <summary>Whether the email meets it.</summary>
    /// <param name="reader">The account.</param>
    /// <param name="email">The email.</param>
    /// <param name="bodies">The emails whose bodies hold each of <see cref="BodyTerms"/>.</param>
    internal bool Matches(ObjectReader reader, EmailFacts email, IReadOnlyDictionary<string, IReadOnlySet<long>> bodies) =>
        tree is null || tree.Matches(tests =>
        {
            foreach (var test in tests)
            {
                if (!Matches(reader, email, test, bodies)) return false;
            }
            return true;
        });

    private static bool Matches(ObjectReader reader, EmailFacts email, EmailTest test, IReadOnlyDictionary<string, IReadOnlySet<long>> bodies)
    {
        switch (test.Name)
        {
            case "inMailbox": return test.Ids.Any(email.IsIn);
            case "inMailboxOtherThan": return email.Places.Any(place => !test.Ids.Contains(place.MailboxId));
            case "before": return email.Received < test.Number;
            case "after": return email.Received >= test.Number;
            case "minSize": return email.Size >= test.Number;
            case "maxSize": return email.Size < test.Number;
            case "hasKeyword": return Has(email);
            case "notKeyword": return !Has(email);
            case "allInThreadHaveKeyword": return reader.View.Thread(email.ThreadId).All(Has);
            case "someInThreadHaveKeyword": return reader.View.Thread(email.ThreadId).Any(Has);
            case "noneInThreadHaveKeyword": return !reader.View.Thread(email.ThreadId).Any(Has);
            case "hasAttachment": return EnvelopeCache.Of(reader, email).HasAttachment == test.Flag;
            case "header": return HasHeader(reader, email, test);
            case "body": return test.Terms.All(term => bodies[term].Contains(email.Id));
        }
        var envelope = EnvelopeCache.Of(reader, email);
        switch (test.Name)
        {
            case "from": return AllIn(envelope.From);
            case "to": return AllIn(envelope.To);
            case "cc": return AllIn(envelope.Cc);
            case "bcc": return AllIn(envelope.Bcc);
            case "subject": return AllIn(envelope.Subject);
            // text: each word somewhere, not all in one place.
            default: return test.Terms.All(term => bodies[term].Contains(email.Id) || In(envelope.Subject, term) || In(envelope.From, term) || In(envelope.To, term) || In(envelope.Cc, term) || In(envelope.Bcc, term));
        }

        bool Has(EmailFacts one) => Keywords.Has(one.Flags, one.Keywords, test.Text);
        bool AllIn(string text) => test.Terms.All(term => In(text, term));
        static bool In(string text, string term) => text.Contains(term, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasHeader(ObjectReader reader, EmailFacts email, EmailTest test)
    {
        if (reader.Stored(email.Id) is not { } stored) return false;
        var length = (int)Math.Min(int.MaxValue, stored.Structure.Root.BodyOffset + stored.PrefixLength);
        if (reader.Content(email.Id, 0, length) is not { } header) return false;
        return HeaderLines.Read(header).Exists(line => line.Name.Equals(test.Text, StringComparison.OrdinalIgnoreCase)
            && (test.HeaderValue is null || HeaderForms.Text(line).Contains(test.HeaderValue, StringComparison.OrdinalIgnoreCase)));
    }

    // The cheap ones first: they spare the others their work.
    private static List<EmailTest> Condition(MethodCall call, JsonObject json) => [.. json.Select(item => Read(call, item.Key, item.Value)).OrderBy(test => test.Cost)];

    private static EmailTest Read(MethodCall call, string name, JsonNode? value)
    {
        switch (name)
        {
            case "inMailbox":
                return new EmailTest(name, 0) { Ids = [Mailbox(call, Text(name, value))] };
            case "inMailboxOtherThan":
                if (value is not JsonArray ids) throw Wrong(name);
                return new EmailTest(name, 0) { Ids = [.. ids.Select(id => Mailbox(call, Text(name, id)))] };
            case "before" or "after":
                return new EmailTest(name, 0) { Number = Time(name, value) };
            case "minSize" or "maxSize":
                return new EmailTest(name, 0) { Number = Arguments.TryNumber(value, out var size) && size >= 0 ? size : throw Wrong(name) };
            case "hasKeyword" or "notKeyword":
                return new EmailTest(name, 0) { Text = Text(name, value) };
            case "allInThreadHaveKeyword" or "someInThreadHaveKeyword" or "noneInThreadHaveKeyword":
                return new EmailTest(name, 1) { Text = Text(name, value) };
            case "hasAttachment":
                return new EmailTest(name, 2) { Flag = value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.GetValue<bool>() : throw Wrong(name) };
            case "text" or "from" or "to" or "cc" or "bcc" or "subject" or "body":
                return new EmailTest(name, name == "body" ? 0 : 2) { Terms = SearchTerms.Parse(Text(name, value)) };
            case "header":
                if (value is not JsonArray { Count: 1 or 2 } parts) throw Wrong(name);
                return new EmailTest(name, 3) { Text = Text(name, parts[0]), HeaderValue = parts.Count == 2 ? Text(name, parts[1]) : null };
            default:
                throw new MethodError("unsupportedFilter", $"There is no condition {name}");
        }
    }

    // An id of no mailbox matches nothing.
    private static long Mailbox(MethodCall call, string text) => call.TryResolve(ObjectId.Mailbox, text, out var id) ? id : -1;

    private static string Text(string name, JsonNode? value) => value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : throw Wrong(name);

    private static long Time(string name, JsonNode? value) =>
        DateTimeOffset.TryParse(Text(name, value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds() : throw Wrong(name);

    private static MethodError Wrong(string name) => MethodError.InvalidArguments($"The condition {name} has a value of the wrong type");
}
