using System.Text;
using MimeKit;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Answers;

namespace Sternpost.Unit.Queue;

/// <summary>Whom a machine may answer (RFC 3834 §2).</summary>
public sealed class AnswerRulesTests
{
    private static readonly EmailAddress Owner = EmailAddress.Parse("alice@example.org");

    [Theory]
    [InlineData("bob@example.com", "To: alice@example.org", true)]
    [InlineData("bob@example.com", "Cc: x@example.com, Alice <ALICE@example.org>", true)]
    [InlineData("bob@example.com", "To: undisclosed-recipients:;", false)]
    [InlineData("bob@example.com", "To: team@example.org", false)]
    [InlineData("alice@example.org", "To: alice@example.org", false)]
    [InlineData("MAILER-DAEMON@example.com", "To: alice@example.org", false)]
    [InlineData("owner-list@example.com", "To: alice@example.org", false)]
    [InlineData("list-request@example.com", "To: alice@example.org", false)]
    [InlineData("no-reply@example.com", "To: alice@example.org", false)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nAuto-Submitted: auto-generated", false)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nAuto-Submitted: no", true)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nPrecedence: Bulk", false)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nList-Id: <l.example.com>", false)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nList-Unsubscribe: <https://example.com/>", false)]
    [InlineData("bob@example.com", "To: alice@example.org\r\nX-Auto-Response-Suppress: OOF, AutoReply", false)]
    public async Task Only_people_who_wrote_to_the_owner_are_answered(string sender, string header, bool answered)
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(header + "\r\n\r\n"));
        var fields = await HeaderList.LoadAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(answered, AnswerRules.MayAnswer(EmailAddress.Parse(sender), fields, Owner.Equals));
    }
}
