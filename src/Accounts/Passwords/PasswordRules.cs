using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Passwords;

/// <summary>What a new password must be. Length and a list of the commonest catch what is guessed first; rules on kinds of characters do not.</summary>
internal static class PasswordRules
{
    private const int MinLength = 8;

    // Those of eight characters and more that every published list of stolen passwords begins with.
    private static readonly HashSet<string> Commonest = new(StringComparer.OrdinalIgnoreCase)
    {
        "0123456789", "11223344", "112233445566", "1122334455", "12341234", "12344321", "123123123", "12345678", "123456789", "1234567890", "12345678910",
        "123456789a", "1234qwer", "1q2w3e4r", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx", "1qazxsw2", "789456123", "87654321", "987654321", "a1234567",
        "a12345678", "a123456789", "aa123456", "aa12345678", "abc12345", "abcd1234", "abcdefgh", "access14", "admin123", "admin1234", "administrator", "adminadmin",
        "asdf1234", "asdfasdf", "asdfghjk", "asdfghjkl", "baseball", "basketball", "changeme", "changeme1", "charlie1", "computer", "corvette", "dearbook",
        "default1", "dragon123", "football", "football1", "iloveyou", "iloveyou1", "internet", "letmein1", "letmein123", "liverpool", "login123", "mercedes", "michelle",
        "myspace1", "newpassword", "p@ssw0rd", "p@ssword", "pa55word", "pa$$word", "passw0rd", "password", "password!", "password.", "password01",
        "password1", "password1!", "password12", "password123", "password1234", "password2", "princess", "princess1", "q1w2e3r4", "q1w2e3r4t5", "qazwsxedc", "qwer1234",
        "qwerty12", "qwerty123", "qwerty1234", "qwertyui", "qwertyuiop", "samantha", "secret123", "sternpost", "starwars", "sunshine", "sunshine1", "superman",
        "test1234", "testtest", "trustno1", "victoria", "welcome1", "welcome123", "whatever", "zaq12wsx", "zxcvbnm1", "zxcvbnm123", "zxcvbnma",
    };

    /// <summary>Prepares a new password for hashing.</summary>
    /// <exception cref="DirectoryException">It may not be used; the message says why and what to do.</exception>
    internal static byte[] Prepare(string password, EmailAddress owner)
    {
        if (!PreparedPassword.TryPrepare(password, out var octets))
        {
            throw new DirectoryException(password.Length == 0
                ? "The password is empty. Choose one of at least 8 characters."
                : $"The password holds control characters or is longer than {PreparedPassword.MaxOctets} octets. Choose one that can be typed into a mail program.");
        }
        var text = Encoding.UTF8.GetString(octets);
        if (text.EnumerateRunes().Count() < MinLength) throw new DirectoryException($"The password is too short. Choose at least {MinLength} characters; a few unrelated words are easy to remember and hard to guess.");
        if (Commonest.Contains(text) || text.EnumerateRunes().Distinct().Count() == 1)
        {
            throw new DirectoryException("The password is among the first that attackers try. Choose another; a few unrelated words are easy to remember and hard to guess.");
        }
        if (text.Equals(owner.Key, StringComparison.OrdinalIgnoreCase) || text.Equals(owner.LocalPart, StringComparison.OrdinalIgnoreCase)
            || text.Equals(owner.Domain.Ascii, StringComparison.OrdinalIgnoreCase))
        {
            throw new DirectoryException("The password is the address or a part of it. Choose one that cannot be read off a letter.");
        }
        return octets;
    }
}
