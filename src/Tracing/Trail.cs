using System.Text;
using MimeKit.Utils;

namespace Sternpost.Tracing;

/// <summary>What a message's way is found by.</summary>
public sealed record Trail
{
    private const int MaxText = 400;
    private const int MaxRecipients = 100;
    private const int MaxHeader = 256 * 1024;

    /// <summary>The message's id; what was refused has none, and is given one of its own when it is written.</summary>
    public long Id { get; init; }

    /// <summary>The reference of the SMTP session, which replies and logs quote; empty where it came by none.</summary>
    public string Session { get; init; } = "";

    /// <summary>The id as replies, logs and the queue show it; empty where there is none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The address of the client; empty where there was none.</summary>
    public string Client { get; init; } = "";

    /// <summary>The reverse-path; empty for the null one.</summary>
    public string Sender { get; init; } = "";

    /// <summary>The recipients of the envelope; of very many, the first hundred can be searched for.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Names of other messages that this one is about.</summary>
    public IReadOnlyList<string> About { get; init; } = [];

    /// <summary>The account here that sent it; null for mail from elsewhere.</summary>
    public long? AccountId { get; init; }

    /// <summary>The Message-ID without its brackets; empty where it has none.</summary>
    public string MessageId { get; private init; } = "";

    /// <summary>The subject as people read it; empty where it has none.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>The From field as people read it; empty where it has none.</summary>
    public string From { get; private init; } = "";

    /// <summary>The same with what the header of <paramref name="message"/> says.</summary>
    public Trail Of(ReadOnlySpan<byte> message) => this with
    {
        MessageId = Field(message, "message-id:"u8).Trim('<', '>'),
        Subject = Field(message, "subject:"u8),
        From = Field(message, "from:"u8),
    };

    internal IEnumerable<string> Texts => new[] { Session, Name, Client, Sender, MessageId, Subject, From }.Concat(Recipients.Take(MaxRecipients)).Concat(About);

    private static string Field(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        var rest = message[..Math.Min(message.Length, MaxHeader)];
        while (!rest.IsEmpty && !rest.StartsWith("\r\n"u8))
        {
            var length = 0;
            do
            {
                var lineFeed = rest[length..].IndexOf((byte)'\n');
                length = lineFeed < 0 ? rest.Length : length + lineFeed + 1;
            }
            while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');
            if (rest.Length >= name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name)) return Text(rest[name.Length..length]);
            rest = rest[length..];
        }
        return "";
    }

    private static string Text(ReadOnlySpan<byte> value)
    {
        var text = Rfc2047.DecodeText(value[..Math.Min(value.Length, 4 * MaxText)].ToArray());
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var space = char.IsControl(c) || char.IsWhiteSpace(c);
            if (!space) plain.Append(c);
            else if (plain.Length > 0 && plain[^1] != ' ') plain.Append(' ');
        }
        var trimmed = plain.ToString().Trim();
        return trimmed.Length <= MaxText ? trimmed : trimmed[..MaxText];
    }
}
