using System.Globalization;
using System.Text;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.SpamAssassin;

/// <summary>
/// SpamAssassin judges a message after the receiving server has written its Received field, and many rules look at just that one. A
/// message that is still in its session gets the field it will have; one from a file has it already, and one that a server in front passed on
/// has that server's.
/// </summary>
internal static class ReceivedHere
{
    internal static byte[] Prepend(MessageUnderJudgement message)
    {
        var raw = message.Raw.Span;
        if (message.Trace.Length > 0 && (!message.ClientKnown || Has(message.Trace, "Received"u8))) return Concat(WithReturnPath(message), raw);
        if (!message.ClientKnown || HasIt(message)) return raw.ToArray();
        var lineEnd = raw.IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        var session = message.Session;
        var sender = message.Envelope.ReversePath?.ToString() ?? "";
        var name = session.ReverseName?.Ascii ?? "unknown";
        var time = session.ReceivedAt.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
        var field = $"Return-Path: <{Word(sender)}>{lineEnd}Received: from {(session.Helo.Length == 0 ? "unknown" : Word(session.Helo))} ({name} [{session.ClientAddress}]) (envelope-from <{Word(sender)}>) by localhost.invalid with {session.Protocol} id {Word(session.SessionId)}; {time}{lineEnd}";
        return Concat(Encoding.UTF8.GetBytes(field), raw);
    }

    private static byte[] Concat(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        var whole = new byte[head.Length + rest.Length];
        head.CopyTo(whole);
        rest.CopyTo(whole.AsSpan(head.Length));
        return whole;
    }

    // A front may say the reverse-path beside the message and not in it.
    private static ReadOnlySpan<byte> WithReturnPath(MessageUnderJudgement message) =>
        message.Envelope.ReversePath is not { } sender || Has(message.Trace, "Return-Path"u8) ? message.Trace.Span : Concat(Encoding.UTF8.GetBytes($"Return-Path: <{Word(sender.ToString())}>\r\n"), message.Trace.Span);

    private static bool Has(ReadOnlyMemory<byte> trace, ReadOnlySpan<byte> field) => HeaderFields.Parse(trace, DeliveryTrace.SeparatorLength(trace.Span), trace.Length).TryGet(field, out _);

    private static bool HasIt(MessageUnderJudgement message) =>
        message.Header.TryGet("Received"u8, out var value) && TopReceived.Parse(HeaderText.Raw(value))?.Client is { } client && client.Equals(message.Session.ClientAddress);

    // What the client said is his, and must not end the field.
    private static string Word(string text)
    {
        if (text.Length == 0) return "";
        return string.Concat(text.Select(c => c is > ' ' and < '\x7F' and not ('(' or ')' or '<' or '>' or ';') ? c : '_'));
    }
}
