using System.Text;
using CsCheck;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.View;

namespace Sternpost.Unit.Jmap;

/// <summary>What of a message's HTML reaches a browser.</summary>
public class MessageViewTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>a")]
    [InlineData("<img src=x onerror=alert(1)>a")]
    [InlineData("<a href=\"javascript:alert(1)\">a</a>")]
    [InlineData("<a href=\"jAvAsCrIpT&colon;alert(1)\">a</a>")]
    [InlineData("<svg><script>alert(1)</script></svg>a")]
    [InlineData("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>")]
    [InlineData("<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>a")]
    [InlineData("<form action=\"https://evil.example\"><input name=password><button>Go</button></form>a")]
    [InlineData("<meta http-equiv=refresh content=\"0;url=https://evil.example\">a")]
    [InlineData("<base href=\"https://evil.example/\">a")]
    [InlineData("<div style=\"background:url(https://evil.example/x)\">a</div>")]
    [InlineData("<style>@import 'https://evil.example/x.css'; p{background:url('https://evil.example')}</style><p>a")]
    [InlineData("<a style=\"background-image:url(https://evil.example)\" href=\"https://good.example\">a</a>")]
    [InlineData("<img srcset=\"https://evil.example/1 1x\">a")]
    [InlineData("<table background=\"https://evil.example\"><tr><td>a")]
    [InlineData("<video poster=\"https://evil.example\" src=\"https://evil.example\"></video>a")]
    [InlineData("<link rel=stylesheet href=\"https://evil.example\">a")]
    [InlineData("<img src=\"/jmap/signin\">a")]
    [InlineData("<object data=\"https://evil.example\"></object>a")]
    public void Nothing_that_runs_or_fetches_survives(string html)
    {
        var clean = HtmlCleaner.Clean(html, _ => null)!.Html;
        foreach (var word in new[] { "script", "onerror", "evil.example", "<form", "<input", "<iframe", "<svg", "<math", "srcset", "/jmap/", "<object", "<meta", "<base", "<link" })
            Assert.DoesNotContain(word, clean, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_message_keeps_its_form()
    {
        var clean = HtmlCleaner.Clean("<html><head><style>.a{color:red}</style></head><body bgcolor=\"#eeeeee\"><table width=\"600\"><tr><td class=\"a\" style=\"padding: 4px\"><b>Hello</b> <a href=\"https://shop.example/x\">shop</a></td></tr></table></body></html>", _ => null)!.Html;
        foreach (var word in new[] { "bgcolor=\"#eeeeee\"", "width=\"600\"", "class=\"a\"", "padding", "<b>Hello</b>", "href=\"https://shop.example/x\"", "noopener", "color" }) Assert.Contains(word, clean);
    }

    [Fact]
    public void Pictures_of_the_message_are_shown_and_remote_ones_counted()
    {
        var clean = HtmlCleaner.Clean("<img src=\"cid:logo@x\"><img src=\"https://far.example/a.png\" alt=\"A\"><img width=1 height=1 src=\"https://spy.example/t.gif\"><img src=\"data:image/png;base64,AAAA\">", cid => cid == "logo@x" ? "/jmap/download/A1/M1-2/logo.png?type=image/png" : null)!;
        Assert.Equal(2, clean.RemoteImages);
        Assert.Contains("/jmap/download/A1/M1-2/logo.png", clean.Html);
        Assert.Contains("data:image/png", clean.Html);
        Assert.DoesNotContain("far.example", clean.Html);
        Assert.DoesNotContain("spy.example", clean.Html);
    }

    [Theory]
    [InlineData("https://evil.example/login", "www.bank.example", "bank.example")]
    [InlineData("https://evil.example/login", "https://www.bank.example/login", "bank.example")]
    [InlineData("https://bank.example.evil.test/", "bank.example", "bank.example")]
    [InlineData("https://www.bank.example/a", "bank.example", null)]
    [InlineData("https://login.bank.example/a", "bank.example", null)]
    [InlineData("https://bank.example/a", "www.bank.example/a?b", null)]
    [InlineData("https://shop.example/a", "Read report.pdf now", null)]
    [InlineData("https://shop.example/a", "write to sales@other.example", null)]
    [InlineData("https://shop.example/a", "Click here.Then go", null)]
    [InlineData("https://xn--mnchen-3ya.example/", "münchen.example", null)]
    public void A_link_that_shows_another_host_is_stopped(string target, string text, string? shown)
    {
        var clean = HtmlCleaner.Clean($"<a href=\"{target}\">{text}</a>", _ => null)!.Html;
        Assert.Equal(shown is not null, clean.Contains("data-to=", StringComparison.Ordinal));
        Assert.Equal(shown is null, clean.Contains("href=", StringComparison.Ordinal));
        if (shown is not null) Assert.Contains(shown, clean);
    }

    [Theory]
    [InlineData("https://bank.example@evil.test/")]
    [InlineData("http://203.0.113.7/login")]
    public void A_link_that_is_disguised_is_stopped(string target) => Assert.Contains("data-to=", HtmlCleaner.Clean($"<a href=\"{target}\">Log in</a>", _ => null)!.Html);

    public static TheoryData<string> Hurting => new(
        string.Concat(Enumerable.Repeat("<div>", 100_000)),
        new string('a', 2_000_000),
        string.Concat(Enumerable.Repeat("<b>a</b>", 80_000)),
        string.Concat(Enumerable.Range(0, 300).Select(i => $"<b id={i}>")) + string.Concat(Enumerable.Repeat("<p>a", 20_000)),
        "<p style=\"width:" + new string('(', 50_000) + "\">",
        "<style>a{b:" + new string('(', 50_000) + "</style>",
        "<style>" + new string('{', 50_000) + "</style>",
        "<p " + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"a{i} ")) + ">",
        string.Concat(Enumerable.Repeat("<table><tr><td>", 20_000)),
        string.Concat(Enumerable.Repeat("<svg></div><marquee>", 20_000)));

    [Theory]
    [MemberData(nameof(Hurting))]
    public void What_is_made_to_hurt_is_not_parsed(string html) => Assert.Null(HtmlCleaner.Clean(html, _ => null));

    [Fact]
    public void Text_has_links_and_quotations()
    {
        var html = PlainText.ToHtml("Hi <you>,\nsee https://a.example/x(1). Or write to b@c.example.\n> quoted\n>> twice\n-- \nMe", isFlowed: false, deletesSpace: false);
        Assert.Contains("Hi &lt;you&gt;,", html);
        Assert.Contains("href=\"https://a.example/x(1)\"", html);
        Assert.Contains("href=\"mailto:b@c.example\"", html);
        Assert.Contains("<blockquote><div class=\"line\">quoted</div><blockquote>", html);
        Assert.Contains("class=\"signature\"", html);
    }

    // RFC 3676 §4.2.
    [Fact]
    public void Flowed_lines_flow() => Assert.Contains("<div class=\"line\">one two</div>", PlainText.ToHtml("one \ntwo\n", isFlowed: true, deletesSpace: false));

    [Fact]
    public void Any_octets_make_a_page_that_runs_nothing()
    {
        Gen.Byte.Array[0, 400].Sample(octets =>
        {
            var message = Encoding.ASCII.GetBytes("Content-Type: text/html; charset=utf-8\r\n\r\n<p>").Concat(octets).Concat(Encoding.ASCII.GetBytes("<script>alert(1)</script><img src=x onerror=alert(1)>")).ToArray();
            var page = MessageView.Page(EmailDocument.Parse(message), "A1", "M1", isDark: false);
            Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            Assert.False(page.Replace("&", "", StringComparison.Ordinal).Contains("<img src=\"x\"", StringComparison.OrdinalIgnoreCase));
        }, iter: 300);
    }
}
