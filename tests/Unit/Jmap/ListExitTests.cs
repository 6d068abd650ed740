using System.Text;
using Sternpost.Dns;
using Sternpost.Jmap.Senders;

namespace Sternpost.Unit.Jmap;

/// <summary>How a list is left, and where the server goes for it.</summary>
public class ListExitTests
{
    private const string Vouched = "Authentication-Results: mail.example.org; dkim=pass header.d=list.example header.s=s1 header.b=AbCd1234\r\nReceived: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n"
        + "DKIM-Signature: v=1; d=list.example; s=s1; h=From:List-Unsubscribe:List-Unsubscribe-Post; bh=x; b=AbCd1234567890\r\nFrom: News <News@List.example>\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("List-Unsubscribe: <mailto:a@list.example>, <https://list.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Id: The News <News.list.example>\r\n", "https://list.example/x", "mailto:a@list.example", "news.list.example")]
    [InlineData("List-Unsubscribe: <mailto:a@list.example>, <https://list.example/x>\r\nList-Unsubscribe-Post: yes\r\n", null, "mailto:a@list.example", "news@list.example")]
    [InlineData("List-Unsubscribe: <http://list.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", null, null, "news@list.example")]
    [InlineData("List-Unsubscribe: <https://a:b@list.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", null, null, "news@list.example")]
    [InlineData("List-Unsubscribe: https://list.example/x\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", null, null, "news@list.example")]
    public void The_way_is_what_the_message_says_and_its_signature_vouches_for(string fields, string? oneClick, string? mailTo, string subject)
    {
        var exit = ListExit.Of(Encoding.ASCII.GetBytes(Vouched + fields + "\r\nHello\r\n"), DomainName.Parse("mail.example.org"));
        Assert.Equal((oneClick, mailTo, subject), (exit.OneClick?.AbsoluteUri, exit.MailTo, exit.Subject));
    }

    [Fact]
    public void Without_a_signature_there_is_no_one_click()
    {
        var exit = ListExit.Of(Encoding.ASCII.GetBytes("Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: a@list.example\r\nList-Unsubscribe: <https://list.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n"), DomainName.Parse("mail.example.org"));
        Assert.Null(exit.OneClick);
        Assert.Equal("https://list.example/x", exit.Page!.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://list.example/x")]
    [InlineData("https://list.example:8443/x")]
    [InlineData("https://a:b@list.example/x")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://[::1]/x")]
    [InlineData("https://169.254.169.254/latest")]
    public async Task The_server_goes_nowhere_but_to_public_https(string address)
    {
        using var post = new OneClickPost(toLoopback: false);
        Assert.NotNull(await post.SendAsync(new Uri(address), Cancellation));
    }
}
