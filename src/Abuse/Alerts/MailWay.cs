using System.Globalization;
using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Abuse.Alerts;

/// <summary>Mail to an address, best one outside: who cannot reach this server any more must hear of it elsewhere.</summary>
/// <param name="to">The recipients.</param>
/// <param name="from">An address of this server.</param>
/// <param name="host">This server's name.</param>
/// <param name="send">Takes a whole message for an address; false where it is nobody here.</param>
public sealed class MailWay(IReadOnlyList<EmailAddress> to, EmailAddress from, string host, Func<EmailAddress, byte[], CancellationToken, ValueTask<bool>> send) : IAlertWay
{
    /// <inheritdoc/>
    public string Name => "mail";

    /// <inheritdoc/>
    public async ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation)
    {
        foreach (var address in to)
        {
            if (!await send(address, Message(alert, address, at), cancellation).ConfigureAwait(false)) return $"{address} is nobody here";
        }
        return null;
    }

    private byte[] Message(Alert alert, EmailAddress address, DateTimeOffset at)
    {
        return Encoding.UTF8.GetBytes(
            $"From: \"Mail server {host}\" <{from}>\r\nTo: <{address}>\r\n"
            // RFC 2047 §2: at most 75 characters an encoded-word, so the text is cut into several.
            + $"Subject: {string.Join("\r\n ", Words($"{host}: {alert.Subject}"))}\r\n"
            + $"Date: {at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000\r\nMessage-ID: <{Guid.CreateVersion7(at):N}@{host}>\r\n"
            + "Auto-Submitted: auto-generated\r\nImportance: high\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + alert.Body.ReplaceLineEndings("\r\n") + "\r\n");
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            word.Append(rune.ToString());
            if (Encoding.UTF8.GetByteCount(word.ToString()) < 40) continue;
            yield return Encoded(word.ToString());
            word.Clear();
        }
        if (word.Length > 0) yield return Encoded(word.ToString());

        static string Encoded(string part) => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(part))}?=";
    }
}
