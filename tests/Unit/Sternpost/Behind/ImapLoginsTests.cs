using Sternpost.Behind;
using Sternpost.Messages.Addresses;

namespace Sternpost.Unit.Behind;

/// <summary>The file of logins: mailboxes and whole domains, and no secret in what is said about it.</summary>
public sealed class ImapLoginsTests
{
    [Fact]
    public void A_mailbox_has_its_own_login_or_its_domains()
    {
        var logins = ImapLogins.Read(["# who", "", "alice@example.com\talice   a pass word", "@Example.com {local}*master secret", "@other.example {address} {domain}"]);
        Assert.Equal(new ImapLogin("alice", "a pass word"), logins.Of(EmailAddress.Parse("Alice@example.com")));
        Assert.Equal(new ImapLogin("bob*master", "secret"), logins.Of(EmailAddress.Parse("bob@example.com")));
        // A password is what it is.
        Assert.Equal(new ImapLogin("eve@other.example", "{domain}"), logins.Of(EmailAddress.Parse("eve@other.example")));
        Assert.Null(logins.Of(EmailAddress.Parse("bob@third.example")));
        Assert.Equal(["alice@example.com"], logins.Named.Select(address => address.Key));
    }

    [Theory]
    [InlineData("alice@example.com secret")]
    [InlineData("alice alice secret")]
    public void A_line_that_says_something_else_is_refused_without_being_shown(string line)
    {
        var refused = Assert.Throws<InvalidDataException>(() => ImapLogins.Read(["# first", line]));
        Assert.StartsWith("Line 2", refused.Message);
        Assert.DoesNotContain("secret", refused.Message);
    }

    [Fact]
    public void A_login_is_shown_without_its_password() => Assert.Equal("alice", new ImapLogin("alice", "secret").ToString());
}
