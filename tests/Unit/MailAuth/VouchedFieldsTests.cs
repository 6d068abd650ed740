using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Results;

namespace Sternpost.Unit.MailAuth;

/// <summary>Which fields a signature covers that was found good.</summary>
public class VouchedFieldsTests
{
    private const string Own = "Authentication-Results: mail.example.org;\r\n\tspf=pass smtp.mailfrom=a@list.example;\r\n\tdkim=pass header.d=list.example header.s=s1 header.b=\"AbCd1234\"\r\n";
    private const string Received = "Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n";
    private const string Good = "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=s1;\r\n h=From:List-Unsubscribe:\r\n list-unsubscribe-post; bh=x; b=AbCd\r\n 1234567890\r\n";
    private const string Fields = "From: a@list.example\r\nList-Unsubscribe: <https://list.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

    [Theory]
    [InlineData(Own + Received + Good + Fields, true)]
    // Nobody judged; or somebody else did, or the sender says that we did.
    [InlineData(Received + Good + Fields, false)]
    [InlineData("Authentication-Results: mail.other.example; dkim=pass header.d=list.example header.s=s1 header.b=AbCd1234\r\n" + Received + Good + Fields, false)]
    [InlineData(Received + Own + Good + Fields, false)]
    // Another signature was good, or that one was not.
    [InlineData("Authentication-Results: mail.example.org; dkim=pass header.d=list.example header.s=s1 header.b=ZZZZ1234\r\n" + Received + Good + Fields, false)]
    [InlineData("Authentication-Results: mail.example.org; dkim=fail header.d=list.example header.s=s1 header.b=AbCd1234\r\n" + Received + Good + Fields, false)]
    [InlineData("Authentication-Results: mail.example.org; dkim=pass header.d=other.example header.s=s1 header.b=AbCd1234\r\n" + Received + Good + Fields, false)]
    // It covers too little.
    [InlineData(Own + Received + "DKIM-Signature: v=1; d=list.example; s=s1; h=From:List-Unsubscribe; bh=x; b=AbCd1234567890\r\n" + Fields, false)]
    // The one that is signed is not the one that is read.
    [InlineData(Own + Received + "List-Unsubscribe: <https://evil.example/x>\r\n" + Good + Fields, false)]
    [InlineData(Own + Received + Good + "From: a@list.example\r\nList-Unsubscribe: <https://list.example/x>\r\n", false)]
    // A short prefix is no proof.
    [InlineData("Authentication-Results: mail.example.org; dkim=pass header.d=list.example header.s=s1 header.b=Ab\r\n" + Received + Good + Fields, false)]
    public void Only_a_good_signature_over_all_of_them_vouches(string header, bool vouched)
    {
        var signer = VouchedFields.SignerOf(Encoding.ASCII.GetBytes(header + "\r\nHello\r\n"), DomainName.Parse("mail.example.org"), "From", "List-Unsubscribe", "List-Unsubscribe-Post");
        Assert.Equal(vouched ? "list.example" : null, signer?.Ascii);
    }
}
