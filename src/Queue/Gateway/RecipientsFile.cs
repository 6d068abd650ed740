using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Gateway;

/// <summary>A file of addresses that exist, read again when it has changed.</summary>
internal sealed class RecipientsFile(string path)
{
    private readonly Lock reading = new();
    private HashSet<string> entries = [];
    private DateTime read;

    /// <summary>Whether the recipient is listed; null where the file cannot be read.</summary>
    internal bool? Contains(EmailAddress recipient)
    {
        try
        {
            var changed = File.GetLastWriteTimeUtc(path);
            lock (reading)
            {
                if (changed != read)
                {
                    entries = Read();
                    read = changed;
                }
                return entries.Contains(recipient.Key) || entries.Contains("@" + recipient.Domain.Ascii);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private HashSet<string> Read()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            var entry = line.Trim();
            if (entry.Length == 0 || entry[0] == '#') continue;
            if (entry[0] == '@') found.Add(entry.ToLowerInvariant());
            else if (EmailAddress.TryParse(entry, out var address)) found.Add(address.Key);
        }
        return found;
    }
}
