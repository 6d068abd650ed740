using System.Globalization;
using System.Text;
using Sternpost.Storage;

namespace Sternpost.Queue.Containment;

/// <summary>What the administrator is told of a containment: what happened, what was done, what is left to do.</summary>
public static class ContainmentLetter
{
    private const int MostNamed = 30;

    /// <summary>The text.</summary>
    public static string Write(ContainmentCase contained)
    {
        var facts = contained.Facts;
        var (left, stopped) = (facts.Recipients.Where(recipient => !recipient.Stopped).ToList(), facts.Recipients.Count(recipient => recipient.Stopped));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{contained.Address} was contained {(contained.IsAutomatic ? "by the server itself" : "by an administrator")} at {Database.TimeOf(contained.Id):u}.\nWhy: {contained.Reason}.\nIn question is what it did since {contained.Since:u}.\n\n");
        if (facts.Signs.Count > 0) text.Append("What was seen:\n").AppendJoin("", facts.Signs.Take(MostNamed).Select(sign => $"  {sign}\n")).Append('\n');
        if (facts.Sources.Count > 0) text.Append("It came from:\n").AppendJoin("", facts.Sources.OrderByDescending(source => source.Value).Take(MostNamed).Select(source => $"  {source.Key}: {source.Value} messages\n")).Append('\n');
        text.Append("What was done:\n  Nobody can sign in or send; its sessions are ended.\n")
            .Append(CultureInfo.InvariantCulture, $"  {facts.AppPasswords.Count} app passwords were ended.\n  {stopped} recipients were taken out of the queue.\n  {facts.LocalCopies} copies in mailboxes here are moved to Junk.\n");
        if (facts.Grants.Count > 0) text.Append("  It may no longer send as: ").AppendJoin(", ", facts.Grants).Append('\n');
        if (facts.Aliases.Count > 0) text.Append("  Forwards made lately were removed: ").AppendJoin(", ", facts.Aliases.Select(alias => $"{alias[0]} to {alias[1]}")).Append('\n');
        if (facts.Forward is { Target.Length: > 0 } forward) text.Append(CultureInfo.InvariantCulture, $"  Its mail no longer goes on to {forward.Target}, which was set up lately.\n");
        if (facts.Forward is { Addresses.Count: > 0 } lately) text.Append("  These may be sent to no more without a new code: ").AppendJoin(", ", lately.Addresses).Append('\n');
        if (facts.Masked.Count > 0) text.Append("  Masked addresses made in that time take no mail any more; the owner can switch them on again in his settings: ").AppendJoin(", ", facts.Masked.Take(MostNamed)).Append('\n');
        if (facts.Script is { } script) text.Append(CultureInfo.InvariantCulture, $"  The script {script}, written lately, no longer sorts its mail; see: sternpost sieve show {contained.Address} \"{script}\"\n");
        text.Append(CultureInfo.InvariantCulture, $"\n{left.Count} recipients outside had got something before:\n").AppendJoin("", left.Take(MostNamed).Select(recipient => $"  {recipient.Address} ({recipient.MessageId})\n"));
        if (left.Count > MostNamed) text.Append(CultureInfo.InvariantCulture, $"  and {left.Count - MostNamed} more\n");
        text.Append(CultureInfo.InvariantCulture, $"""

            What to do next:
              1. Call the owner; do not write to the account. Ask whether the mail is his.
              2. If it is, put everything back:      sternpost account release {contained.Address}
              3. If not, set a new password with him: sternpost account password {contained.Address}
                 and give the account back:           sternpost account release {contained.Address} --stolen
                 He should look for malware, change the same password elsewhere, and make new app passwords.
              4. A letter to those who got something is drafted: sternpost account containment {contained.Address} --notice

            """);
        return text.ToString();
    }
}
