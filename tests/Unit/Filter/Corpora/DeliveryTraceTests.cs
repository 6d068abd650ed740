using System.Net;
using System.Text;
using Sternpost.Filter.Corpora;

namespace Sternpost.Unit.Filter.Corpora;

/// <summary>What the server in front wrote is read and taken off; what was written further back stays.</summary>
public sealed class DeliveryTraceTests
{
    private const string Letter = "From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n";
    private const string Received = "Received: from mail.b.example (mail.b.example [203.0.113.5])\r\n\tby mx.example with ESMTP id 1;\r\n\tTue, 24 Nov 2026 10:00:00 +0000\r\n";

    [Theory]
    [InlineData("")]
    [InlineData(Received)]
    [InlineData("Return-Path: <a@b.example>\r\nDelivered-To: c@d.example\r\n" + Received)]
    [InlineData("From MAILER-DAEMON Thu Nov 26 09:20:33 2026\r\nX-Envelope-From: <a@b.example>\r\nX-Envelope-To: c@d.example,\r\n\te@d.example\r\n" + Received)]
    public void The_letter_is_judged_as_its_client_sent_it(string trace)
    {
        foreach (var ends in new[] { "\r\n", "\n" })
        {
            var message = new Arrival().Arriving(Encoding.ASCII.GetBytes((trace + Letter).Replace("\r\n", ends, StringComparison.Ordinal)), "t", TimeProvider.System);
            Assert.Equal(Letter, Encoding.ASCII.GetString(message.Raw.Span));
            Assert.Equal(trace.Contains("Received", StringComparison.Ordinal) ? "203.0.113.5" : "0.0.0.0", message.Session.ClientAddress.ToString());
            Assert.Equal(trace.Contains("Return-Path", StringComparison.Ordinal), message.Envelope.ReversePath is not null);
        }
    }

    [Theory]
    // Another client wrote this one, or a name says no address.
    [InlineData("Received: from x.example (x.example [198.51.100.1]) by y.example; Tue, 24 Nov 2026 10:00:00 +0000\r\n")]
    [InlineData("Received: by y.example with local; Tue, 24 Nov 2026 10:00:00 +0000\r\n")]
    [InlineData("Subject: first\r\n" + Received)]
    [InlineData("From : not a separator\r\n")]
    public void What_was_written_further_back_stays(string head) =>
        Assert.Equal(0, DeliveryTrace.Length(Encoding.ASCII.GetBytes(head + Letter), IPAddress.Parse("203.0.113.5")));

    [Theory]
    [InlineData("Received: from [192.0.2.99] (host.else.example [198.51.100.7]) by mx.example; Tue, 24 Nov 2026 10:00:00 +0000\r\n", "[192.0.2.99]", "host.else.example")]
    [InlineData("Received: from [198.51.100.7] by mx.example; Tue, 24 Nov 2026 10:00:00 +0000\r\n", "[198.51.100.7]", null)]
    [InlineData("Received: from host.else.example ([198.51.100.7] helo=[192.0.2.99])\r\n\tby mx.example with esmtp (Exim 4.96)\r\n\tid 1; Tue, 24 Nov 2026 10:00:00 +0000\r\n", "[192.0.2.99]", "host.else.example")]
    [InlineData("Received: from [198.51.100.7] (helo=[192.0.2.99] ident=root)\r\n\tby mx.example with esmtp (Exim 4.96)\r\n\tid 1; Tue, 24 Nov 2026 10:00:00 +0000\r\n", "[192.0.2.99]", null)]
    public void A_literal_in_HELO_is_not_the_client(string received, string helo, string? name)
    {
        var session = new Arrival().Arriving(Encoding.ASCII.GetBytes(received + Letter), "t", TimeProvider.System).Session;
        Assert.Equal(("198.51.100.7", helo, name), (session.ClientAddress.ToString(), session.Helo, session.ReverseName?.Ascii));
    }

    [Fact]
    public void No_beginning_breaks_it()
    {
        var random = new Random(6);
        string[] words = ["From ", "Received:", "Return-Path:", " from ", "[", "]", "(", ")", "203.0.113.5", "\r\n", "\n", "\t", ":", " by ", "(Exim ", "helo=", ";", "IPv6:", "\0", "é"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => words[random.Next(words.Length)])));
            Assert.InRange(DeliveryTrace.Length(text, null), 0, text.Length);
            new Arrival().Arriving(text, "t", TimeProvider.System);
        }
    }
}
