using System.Net;

namespace Sternpost.Demo;

/// <summary>The mails of the scene in the order they are sent, all to alice.</summary>
internal static class Scene
{
    // In two pieces, because scanners rightly take a source file that holds the whole test string for an infected one.
    private const string VirusTestHead = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-";
    private const string VirusTestTail = "ANTIVIRUS-TEST-FILE!$H+H*";

    public static IReadOnlyList<SceneMail> Mails { get; } = [Wanted(), Newsletter(), Spam(), Phish(), Virus(), Forged()];

    private static SceneMail Wanted() => new()
    {
        Title = "wanted mail",
        Client = IPAddress.Parse("203.0.113.10"),
        Helo = "mail.wanted.example",
        ReversePath = "clara@wanted.example",
        Signer = "wanted.example",
        IdDomain = "wanted.example",
        Ending = Ending.Inbox,
        Header = """
            From: Clara Winter <clara@wanted.example>
            To: Alice <alice@demo.test>
            Subject: Minutes of Tuesday's meeting
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 7bit

            """,
        Body = """
            Hi Alice,

            here are the minutes you asked for. We agreed to move the release to the
            second week of May so that Jonas can finish the tests, and you wanted to
            check the figures in section three again.

            Shall we go through the open points on Friday after lunch? I have booked
            the small room from two to three.

            Best wishes,
            Clara

            """,
    };

    private static SceneMail Newsletter() => new()
    {
        Title = "newsletter",
        Client = IPAddress.Parse("203.0.113.20"),
        Helo = "out1.newsletter.example",
        ReversePath = "bounce-7731@newsletter.example",
        Signer = "newsletter.example",
        IdDomain = "newsletter.example",
        Ending = Ending.Inbox,
        Header = """
            From: The Garden Letter <letter@newsletter.example>
            To: alice@demo.test
            Subject: The Garden Letter, issue 84: what to sow in spring
            List-Id: The Garden Letter <garden.newsletter.example>
            List-Unsubscribe: <https://newsletter.example/leave/7731>, <mailto:leave-7731@newsletter.example>
            List-Unsubscribe-Post: List-Unsubscribe=One-Click
            Precedence: list
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="garden-84"

            """,
        Body = """
            --garden-84
            Content-Type: text/plain; charset=utf-8

            The Garden Letter, issue 84

            In this issue: which seeds want light to germinate, how to build a cold
            frame from old windows, and a reader's report on keeping slugs away from
            young lettuce without poison.

            Read it on the web: https://newsletter.example/84
            You get this letter because you subscribed on our web site.
            Leave the list: https://newsletter.example/leave/7731

            --garden-84
            Content-Type: text/html; charset=utf-8

            <html><body>
            <h1>The Garden Letter, issue 84</h1>
            <p>In this issue: which seeds want light to germinate, how to build a cold
            frame from old windows, and a reader's report on keeping slugs away from
            young lettuce without poison.</p>
            <p><a href="https://newsletter.example/84">Read it on the web</a></p>
            <p>You get this letter because you subscribed on our web site.
            <a href="https://newsletter.example/leave/7731">Leave the list</a></p>
            </body></html>
            --garden-84--

            """,
    };

    private static SceneMail Spam() => new()
    {
        Title = "spam",
        Client = IPAddress.Parse("198.51.100.66"),
        Helo = "dsl-66-100-51-198.dynamic.example",
        ReversePath = "offers@best-pills.example",
        IdDomain = "localhost",
        Ending = Ending.Junk,
        Header = """
            From: "Online Pharmacy" <offers@best-pills.example>
            To: alice@demo.test
            Subject: Viagra Cialis 80% OFF - order now, no prescription needed!!!
            MIME-Version: 1.0
            Content-Type: text/html; charset=iso-8859-1

            """,
        Body = """
            <html><body bgcolor="#ffffff"><center>
            <font size="6" color="red"><b>CHEAP VIAGRA, CIALIS, LEVITRA</b></font><br>
            <font size="4">Save up to 80% on all your meds! No prescription required!</font><br>
            <font size="4">FREE pills with every order. Discreet shipping worldwide. 100% satisfaction guaranteed.</font><br>
            <a href="http://198.51.100.66/rx/?id=88123"><font size="5"><b>CLICK HERE TO ORDER NOW</b></font></a><br>
            Better performance in bed tonight! Limited time offer, buy now and save big money!
            <br><br><font size="1" color="#ffffff">zxqv meadow lantern 88123</font>
            </center></body></html>

            """,
    };

    private static SceneMail Phish() => new()
    {
        Title = "phish",
        Client = IPAddress.Parse("198.51.100.77"),
        Helo = "localhost.localdomain",
        ReversePath = "service@account-verify.example",
        IdDomain = "account-verify.example",
        Ending = Ending.Refused,
        Header = """
            From: "PayPal Security <service@paypal.com>" <service@account-verify.example>
            Reply-To: paypal.service.team@freemail.example
            To: undisclosed-recipients:;
            Subject: Your account has been limited - verify your information within 24 hours
            MIME-Version: 1.0
            Content-Type: text/html; charset=utf-8

            """,
        Body = """
            <html><body>
            <p>Dear valued customer,</p>
            <p>We noticed unusual activity in your PayPal account. Your account access has been
            limited and will be permanently suspended unless you confirm your billing information,
            password and credit card number within 24 hours.</p>
            <p><a href="http://198.51.100.77/paypal/login.php">https://www.paypal.com/signin/verify</a></p>
            <p>Click the link above to verify your account immediately and restore full access.</p>
            <p>Thank you,<br>PayPal Security Department</p>
            </body></html>

            """,
    };

    private static SceneMail Virus() => new()
    {
        Title = "virus test file",
        Client = IPAddress.Parse("198.51.100.88"),
        Helo = "pc17.office.example",
        ReversePath = "accounts@office.example",
        IdDomain = "office.example",
        Ending = Ending.Refused,
        Header = """
            From: Accounts <accounts@office.example>
            To: alice@demo.test
            Subject: Invoice 20991
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="invoice-20991"

            """,
        Body = $"""
            --invoice-20991
            Content-Type: text/plain; charset=utf-8

            Please find the invoice attached.

            --invoice-20991
            Content-Type: application/octet-stream; name="invoice.com"
            Content-Disposition: attachment; filename="invoice.com"
            Content-Transfer-Encoding: base64

            {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(VirusTestHead + VirusTestTail))}
            --invoice-20991--

            """,
    };

    private static SceneMail Forged() => new()
    {
        Title = "forged sender",
        Client = IPAddress.Parse("198.51.100.99"),
        Helo = "smtp.elsewhere.example",
        ReversePath = "notice@bank.example",
        IdDomain = "bank.example",
        Ending = Ending.Refused,
        Header = """
            From: First Example Bank <notice@bank.example>
            To: Alice <alice@demo.test>
            Subject: Your statement for April
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            """,
        Body = """
            Dear customer,

            your statement for April is ready. Sign in to read it.

            First Example Bank

            """,
    };
}
