using System.Globalization;
using System.Text;
using Sternpost.Abuse.Holds;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Holds;

/// <summary>What an account's owner is told about mail that is held: one letter for all of it.</summary>
internal static class HoldNotice
{
    private const int MostNamed = 20;

    internal static byte[] Write(EmailAddress to, IReadOnlyList<HeldMessage> held, DomainName host, DateTimeOffset now)
    {
        var text = new StringBuilder();
        var many = held.Count > 1;
        text.Append("From: \"Mail server ").Append(host.Ascii).Append("\" <postmaster@").Append(to.Domain.Ascii).Append(">\r\n")
            .Append("To: <").Append(to).Append(">\r\n")
            .Append("Subject: ").Append(many ? $"{held.Count} of your messages are" : "A message of yours is").Append(" waiting\r\n")
            .Append("Date: ").Append(now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)).Append(" +0000\r\n")
            .Append("Message-ID: <").Append(Guid.CreateVersion7(now).ToString("N")).Append('@').Append(host.Ascii).Append(">\r\n")
            // RFC 3834 §5: nobody's vacation should answer this.
            .Append("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
            .Append(many ? "Messages you sent have" : "A message you sent has").Append(" been accepted and kept back for now. Nothing is lost.\r\n\r\n");
        foreach (var message in held.Take(MostNamed))
        {
            text.Append("  ").Append(QueueId.Format(message.MessageId)).Append(": ").Append(message.Hold.Reason).Append(".\r\n    Goes on by itself at ")
                .Append(message.Hold.ReleaseAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)).Append(" UTC.\r\n");
        }
        if (held.Count > MostNamed) text.Append("  and ").Append(held.Count - MostNamed).Append(" more.\r\n");
        text.Append("\r\nIf you wrote ").Append(many ? "them" : "it").Append(", you need do nothing; if it is urgent, ask the administrator of this server\r\nto release it, naming the id above.\r\n")
            .Append("\r\nIf you did NOT write ").Append(many ? "them" : "it").Append(", somebody else has your password: tell the administrator at once.\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
