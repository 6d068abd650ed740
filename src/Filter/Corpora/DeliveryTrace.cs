using System.Net;
using System.Text;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Corpora;

/// <summary>
/// What a server writes above a message it has taken (RFC 5321 §4.4): its Received field, and above that the envelope it delivers with. It says how
/// the message came and is no part of what the client sent, so judges that weigh octets would answer otherwise for the same letter asked about in
/// its session, through a front, or from a file. A separator line of mbox files (RFC 4155) before it counts as trace.
/// </summary>
public static class DeliveryTrace
{
    private const int MaxFields = 8;

    private static readonly string[] Envelopes = ["Return-Path", "Delivered-To", "Envelope-To", "Delivery-Date", "X-Original-To", "X-Envelope-From", "X-Envelope-To"];

    /// <summary>Octets of trace on top; zero where the message begins otherwise.</summary>
    /// <param name="message">The message.</param>
    /// <param name="client">The client, where it is known otherwise: a Received field that names another was written further back and stays.</param>
    public static int Length(ReadOnlySpan<byte> message, IPAddress? client)
    {
        var length = SeparatorLength(message);
        for (var i = 0; i < MaxFields && length < message.Length; i++)
        {
            var field = message[length..];
            field = field[..EndOfField(field)];
            var colon = field.IndexOf((byte)':');
            if (colon <= 0) return length;
            var name = Encoding.ASCII.GetString(field[..colon]).TrimEnd();
            if (name.Equals("Received", StringComparison.OrdinalIgnoreCase))
                return IsOfClient(field[(colon + 1)..], client) ? length + field.Length : length;
            if (!Envelopes.Contains(name, StringComparer.OrdinalIgnoreCase)) return length;
            length += field.Length;
        }
        return length;
    }

    /// <summary>Octets of the line <c>From sender date</c> that stands first in mbox files and in what Exim and procmail hand to filters; zero where there is none.</summary>
    public static int SeparatorLength(ReadOnlySpan<byte> message)
    {
        if (!message.StartsWith("From "u8)) return 0;
        var feed = message.IndexOf((byte)'\n');
        return feed < 0 || message[..feed].IndexOf((byte)':') is >= 0 and <= 5 ? 0 : feed + 1;
    }

    private static bool IsOfClient(ReadOnlySpan<byte> value, IPAddress? client) =>
        TopReceived.Parse(HeaderText.Raw(value.Trim(" \t\r\n"u8)))?.Client is { } named && (client is null || named.Equals(client));

    // A field ends at the line end that no white space follows.
    private static int EndOfField(ReadOnlySpan<byte> text)
    {
        for (var at = 0; ;)
        {
            var feed = text[at..].IndexOf((byte)'\n');
            if (feed < 0) return text.Length;
            at += feed + 1;
            if (at >= text.Length || text[at] is not ((byte)' ' or (byte)'\t')) return at;
        }
    }
}
