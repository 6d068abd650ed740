using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>One message and all views of it, each made when first asked for.</summary>
internal sealed class MessageScan
{
    internal MessageScan(ReadOnlySpan<byte> raw, RuleData data, RunBudget budget, DateTimeOffset now)
    {
        Data = data;
        Budget = budget;
        Now = now;
        Message = RuleMessage.Of(raw);
        Relays = RelayChain.Of(Message.Root, data);
        // Whatever a sender wrote under the names of pseudo fields is not heard.
        foreach (var name in new[] { "X-Spam-Relays-Trusted", "X-Spam-Relays-Untrusted", "X-Spam-Relays-Internal", "X-Spam-Relays-External" }) Message.Root.RemoveFields(name);
        Header = new HeaderViews(Message, Relays, data);
        Body = BodyLines.Read(Message, BodyLines.ReadSizeOf(data), Html);
    }

    internal RuleData Data { get; }

    internal RunBudget Budget { get; }

    /// <summary>When the message is judged, which may be long after it was received.</summary>
    internal DateTimeOffset Now { get; }

    internal RuleMessage Message { get; }

    internal RelayChain Relays { get; }

    internal HeaderViews Header { get; }

    /// <summary>The findings of each HTML part.</summary>
    internal List<HtmlFindings> Html { get; } = [];

    /// <summary>The text as it is read. FreeMail takes what it has looked at out of it, and rules that run later see the rest.</summary>
    internal List<string> Body { get; }

    /// <summary>The text parts with their markup.</summary>
    internal List<string> Markup => field ??= BodyLines.Markup(Message, BodyLines.MarkupSizeOf(Data));

    /// <summary>The message as it came.</summary>
    internal string Whole => field ??= Message.Header + Message.Body;

    internal LinkList Links => field ??= FindLinks();

    /// <summary>What functions remember for one another while one message is looked at.</summary>
    internal Dictionary<string, object> Notes { get; } = new(StringComparer.Ordinal);

    internal T Note<T>(string name, Func<T> make)
        where T : notnull
    {
        if (Notes.TryGetValue(name, out var known)) return (T)known;
        var made = make();
        Notes[name] = made;
        return made;
    }

    private LinkList FindLinks()
    {
        var links = new LinkList(Data, Budget);
        links.AddText(Body);
        foreach (var html in Html) links.AddHtml(html);
        if (!Data.Flag("parse_dkim_uris", true)) return links;
        foreach (var field in Header.All("DomainKey-Signature").Concat(Header.All("DKIM-Signature"))) links.AddSignature(field);
        return links;
    }
}
