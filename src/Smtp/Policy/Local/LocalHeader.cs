using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>Programs of a computer write as <c>root@localhost</c> or as nobody at all; a message that others read needs an address that exists.</summary>
internal static class LocalHeader
{
    private static readonly byte[] Here = "@localhost"u8.ToArray();

    /// <summary>The message with its From at this computer replaced by <paramref name="address"/>, or with one where it has none; itself otherwise.</summary>
    internal static ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> message, Func<string, EmailAddress> address)
    {
        var fields = new HeaderFields(message.Span);
        while (fields.Next())
        {
            if (!fields.Is("From"u8)) continue;
            var value = fields.Value;
            var at = value.LastIndexOf(Here);
            // Only where the domain ends there: localhost.example.com is another.
            if (at < 0 || (at + Here.Length < value.Length && value[at + Here.Length] is not ((byte)'>' or (byte)'\r' or (byte)'\n' or (byte)' '))) return message;
            var start = at;
            while (start > 0 && value[start - 1] is not ((byte)'<' or (byte)' ' or (byte)'\t' or (byte)':' or (byte)',' or (byte)'"')) start--;
            var written = Encoding.UTF8.GetString(value[start..at]);
            var replaced = Encoding.UTF8.GetBytes(address(written).ToString());
            var offset = fields.End - value.Length;
            return (byte[])[.. message.Span[..(offset + start)], .. replaced, .. message.Span[(offset + at + Here.Length)..]];
        }
        return (byte[])[.. Encoding.UTF8.GetBytes($"From: {address("")}\r\n"), .. message.Span];
    }
}
