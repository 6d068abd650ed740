using System.Text.RegularExpressions;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Grants;

/// <summary>
/// The pattern of a grant, ready to be asked. A regular expression must match the whole address, in lower case; it runs on the matcher that
/// does not backtrack, whose time grows with the address alone, and under a deadline all the same.
/// </summary>
internal sealed class GrantPattern
{
    internal const int MaxLength = 500;
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(50);

    private readonly Func<EmailAddress, bool> matches;

    private GrantPattern(string text, Func<EmailAddress, bool> matches)
    {
        Text = text;
        this.matches = matches;
    }

    /// <summary>As it is stored.</summary>
    internal string Text { get; }

    internal bool Matches(EmailAddress address) => matches(address);

    /// <summary>Reads a pattern; null with the reason where it is none.</summary>
    internal static GrantPattern? Parse(string text, out string problem)
    {
        problem = "";
        if (text is ['/', .. var expression, '/'] && expression.Length > 0) return Expression(text, expression, out problem);
        if (AliasPattern.TryParse(text, out var alias))
        {
            return alias.Address is { } one
                ? new GrantPattern(alias.Key, address => address.Key == one.Key)
                : new GrantPattern(alias.Key, address => address.Domain == alias.Domain);
        }
        problem = $"'{text}' is neither an address, nor a domain such as @example.com, nor a regular expression between slashes such as /support-.*@example\\.com/.";
        return null;
    }

    private static GrantPattern? Expression(string text, string expression, out string problem)
    {
        problem = "";
        if (expression.Length > MaxLength)
        {
            problem = $"The regular expression is longer than {MaxLength} characters.";
            return null;
        }
        try
        {
            var regex = new Regex($@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Deadline);
            return new GrantPattern(text, address => Matches(regex, address.Key));
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            // Look-around, back-references and the like are what the matcher without backtracking does not have.
            problem = $"The regular expression cannot be used: {wrong.Message}";
            return null;
        }
    }

    private static bool Matches(Regex regex, string address)
    {
        try
        {
            return regex.IsMatch(address);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
