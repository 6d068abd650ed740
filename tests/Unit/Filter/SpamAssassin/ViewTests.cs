using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Unit.Filter.SpamAssassin;

public sealed class ViewTests
{
    private static readonly RuleData Data = RuleData.Of(Book());

    private static RuleBook Book()
    {
        var book = new RuleBook();
        new RuleFileParser(book, new Capabilities(), _ => null).Parse("util_rb_tld com net org uk example\nutil_rb_2tld co.uk\nredirector_pattern m'^https?:/*go\\.example/\\?u=(.*)'i\n", "test.cf");
        return book;
    }

    private static MessageScan Scan(string message) => new(RuleText.Octets(message), Data, RuleText.Patient(), TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("from mail.a.example (mail.a.example [192.0.2.1]) by mx.b.example (Postfix) with ESMTP id 4XyZ12 for <r@b.example>; Mon, 4 May 2026 10:00:00 +0000", "[ ip=192.0.2.1 rdns=mail.a.example helo=mail.a.example by=mx.b.example ident= envfrom= intl=0 id=4XyZ12 auth= msa=0 ]")]
    [InlineData("from h (unknown [192.0.2.1]) by mx.b.example (Postfix) with ESMTPSA id 4XyZ12; Mon, 4 May 2026 10:00:00 +0000", "[ ip=192.0.2.1 rdns= helo=h by=mx.b.example ident= envfrom= intl=1 id=4XyZ12 auth=ESMTPSA msa=0 ]")]
    [InlineData("from h ([IPv6:2001:db8::1]) by mx.b.example with ESMTPS id abc", "[ ip=2001:db8::1 rdns= helo=h by=mx.b.example ident= envfrom= intl=0 id=abc auth= msa=0 ]")]
    [InlineData("from [192.0.2.9] (helo=h ident=u) by mx.b.example with esmtp (Exim 4.96) (envelope-from <s@a.example>) id 1abc", "[ ip=192.0.2.9 rdns= helo=h by=mx.b.example ident=u envfrom=s@a.example intl=0 id=1abc auth= msa=0 ]")]
    [InlineData("from unknown (HELO h) (192.0.2.9) by mx.b.example with SMTP", "[ ip=192.0.2.9 rdns= helo=h by=mx.b.example ident= envfrom= intl=0 id= auth= msa=0 ]")]
    public void A_received_field_is_read_in_the_form_its_server_writes(string field, string relay)
    {
        var chain = Scan($"Received: {field}\n\nx\n").Relays;
        Assert.Equal(relay, chain.TrustedText + chain.UntrustedText);
    }

    [Fact]
    public void A_hand_over_within_a_machine_is_no_relay()
    {
        var chain = Scan("Received: by mx.b.example (Postfix, from userid 0) id X; Mon, 4 May 2026 10:00:00 +0000\n\nx\n").Relays;
        Assert.Equal((0, 0, 0), (chain.Trusted.Count, chain.Untrusted.Count, chain.Unparseable));
    }

    [Theory]
    [InlineData("\"Doe, Ann\" <a@b.com>, c@d.com (Bob)", "a@b.com|c@d.com", "Doe, Ann|Bob")]
    [InlineData("a@b.com", "a@b.com", "")]
    [InlineData("<a@b.com>", "a@b.com", "")]
    [InlineData("undisclosed recipients:;", "", "")]
    [InlineData("Ann <a@b.com> <c@d.com>", "a@b.com", "Ann")]
    [InlineData("\"x@y.com\" <a@b.com>", "a@b.com", "x@y.com")]
    public void An_address_field_gives_addresses_and_names(string field, string addresses, string names)
    {
        var scan = Scan($"To: {field}\n\nx\n");
        Assert.Equal(addresses, string.Join('|', scan.Header.All("To:addr")));
        Assert.Equal(names, string.Join('|', scan.Header.All("To:name")));
    }

    [Theory]
    [InlineData("See www.shop.com/x, or mail a@b.org.", "http://www.shop.com/x|mailto:a@b.org")]
    [InlineData("go to shop.co.uk now", "http://shop.co.uk")]
    [InlineData("file.txt and e.g. this", "")]
    [InlineData("(http://a.com/b)", "http://a.com/b")]
    [InlineData("http://A.com/%61", "http://A.com/%61|http://A.com/a")]
    [InlineData("http://go.example/?u=http://b.com", "http://b.com|http://go.example/?u=http://b.com")]
    [InlineData("http://0x7f000001/x.com", "http://0x7f000001/x.com|http://127.0.0.1/x.com")]
    public void Links_in_text_are_found_and_said_plainly(string text, string links) =>
        Assert.Equal(links, string.Join('|', Scan($"Subject: x\n\n{text}\n").Links.All.Order(StringComparer.Ordinal)));

    [Fact]
    public void Text_is_a_paragraph_a_line_with_the_subject_first()
    {
        var scan = Scan("Subject: =?utf-8?q?caf=C3=A9?=\nContent-Type: text/plain; charset=iso-8859-1\n\none\ntwo\n\n\nth\u00e9\n");
        Assert.Equal([ByteText.FromUnicode("caf\u00e9\n"), "one two\n", ByteText.FromUnicode("th\u00e9 ")], scan.Body);
    }

    [Fact]
    public void Html_is_rendered_and_its_markup_counted()
    {
        var scan = Scan("Subject: x\nContent-Type: text/html\n\n<html><body><p>Hello<b>there</b><br><a href='http://a.com/'>link</a><font color=white>unseen</font><!-- note --></body></html>\n");
        Assert.Equal(["x\n", "\n", "Hellothere linkunseen "], scan.Body);
        var html = Assert.Single(scan.Html);
        Assert.Contains("font_low_contrast", html.Flags);
        Assert.Equal(["<!-- note -->"], html.Comments);
        Assert.Equal(0, html.Inside["b"]);
        Assert.Equal(["a"], html.Links["http://a.com/"].Types);
    }

    [Fact]
    public void A_style_that_is_never_closed_hides_the_rest() =>
        Assert.Equal(["x\n", "seen "], Scan("Subject: x\nContent-Type: text/html\n\nseen <style>\nunseen<b>unseen</b></html>\n").Body);

    [Fact]
    public void A_boundary_that_is_never_closed_is_noticed()
    {
        var scan = Scan("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n");
        Assert.Equal(1, scan.Message.Boundaries["b"]);
        Assert.Equal(["multipart/mixed", "text/plain"], scan.Message.Root.Walk().Select(part => part.Type));
    }
}
