using Sternpost.Messages.Addresses;

namespace Sternpost.Behind;

/// <summary>How one signs in to look at a mailbox.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password; never printed.</param>
internal sealed record ImapLogin(string User, string Password)
{
    public override string ToString() => User;
}

/// <summary>
/// The file of logins: a mailbox or, with an at sign before it, a whole domain; the name to sign in with, in which <c>{address}</c>,
/// <c>{local}</c> and <c>{domain}</c> stand for the mailbox's; and the password, which is the rest of the line.
/// </summary>
internal sealed class ImapLogins
{
    private readonly Dictionary<string, (string User, string Password)> logins = [];

    private ImapLogins()
    {
    }

    /// <summary>Mailboxes that are named one by one.</summary>
    public List<EmailAddress> Named { get; } = [];

    /// <exception cref="InvalidDataException">A line says something else; its text, which may be a password, is not in the message.</exception>
    public static ImapLogins Read(IEnumerable<string> lines)
    {
        var read = new ImapLogins();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var words = line.Trim().Split((char[])[' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0 || words[0][0] == '#') continue;
            if (words.Length < 3) throw new InvalidDataException($"Line {number} is not a mailbox or @domain, a name and a password.");
            if (words[0][0] == '@') read.logins[words[0].ToLowerInvariant()] = (words[1], words[2]);
            else if (EmailAddress.TryParse(words[0], out var address))
            {
                read.logins[address.Key] = (words[1], words[2]);
                read.Named.Add(address);
            }
            else throw new InvalidDataException($"Line {number} begins with no address and no @domain.");
        }
        return read;
    }

    /// <summary>The login of a mailbox; null where the file has none.</summary>
    public ImapLogin? Of(EmailAddress mailbox)
    {
        if (!logins.TryGetValue(mailbox.Key, out var found) && !logins.TryGetValue("@" + mailbox.Domain.Ascii, out found)) return null;
        var user = found.User.Replace("{address}", mailbox.ToString(), StringComparison.Ordinal).Replace("{local}", mailbox.LocalPart, StringComparison.Ordinal).Replace("{domain}", mailbox.Domain.Ascii, StringComparison.Ordinal);
        return new ImapLogin(user, found.Password);
    }
}
