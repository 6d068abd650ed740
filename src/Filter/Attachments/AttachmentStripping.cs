using System.Text;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Attachments;

/// <summary>Takes attachments out of a message and puts a note in the place of each. Signatures of the sender over the body break by it.</summary>
internal static class AttachmentStripping
{
    /// <summary>The message without what the policy takes out; null where nothing is.</summary>
    internal static byte[]? Strip(MessageUnderJudgement message, AttachmentPolicy policy)
    {
        var inspection = message.InspectAttachments(policy);
        var doomed = inspection.Dangers.Where(one => policy.Of(one.Danger.Kind) == AttachmentAction.Strip).GroupBy(one => one.Part).OrderBy(group => group.Key.Start).ToList();
        if (doomed.Count == 0) return null;
        var raw = message.Raw.Span;
        using var result = new MemoryStream(raw.Length);
        var at = 0;
        foreach (var part in doomed)
        {
            if (part.Key.Start < at) continue;
            result.Write(raw[at..part.Key.Start]);
            // The whole message is one part: its other fields stay.
            if (part.Key.Start == 0) WriteOtherFields(result, message.Header);
            result.Write(Note(part.First().Danger.Path, part.First().Danger.Detail));
            at = part.Key.End;
        }
        result.Write(raw[at..]);
        return result.ToArray();
    }

    private static byte[] Note(string path, string detail)
    {
        var text = $"An attachment was taken out of this message by the mail server of the recipient:\r\n\r\n    {path}\r\n    {detail}\r\n\r\nIf you need it, ask the sender to pass it on another way, or your administrator for help.\r\n";
        return Encoding.UTF8.GetBytes($"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: inline\r\n\r\n{text}");
    }

    private static void WriteOtherFields(MemoryStream result, HeaderFields header)
    {
        foreach (var field in header.Fields)
        {
            var name = Encoding.Latin1.GetString(header.Name(field));
            if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) continue;
            result.Write(header.Name(field));
            result.Write(": "u8);
            result.Write(header.Value(field));
            result.Write("\r\n"u8);
        }
    }
}
