using System.Text;
using Sternpost.Queue.Gateway;

namespace Sternpost.Unit.Queue.Gateway;

/// <summary>Out of a copy that servers behind have written above, the message is taken as the gateway passed it on.</summary>
public sealed class PassedCopyTests
{
    private const string Received = "Received: from mail.b.example (mail.b.example [203.0.113.5])\r\n\tby gate.example with ESMTP id k3j2h1g0.4\r\n\tfor <c@d.example>;\r\n\tTue, 24 Nov 2026 10:00:00 +0000\r\n";
    private const string Results = "Authentication-Results: gate.example;\r\n\tspf=pass smtp.mailfrom=b.example;\r\n\tdmarc=pass header.from=b.example\r\n";
    private const string Letter = "From: a@b.example\r\nReceived: from x by y; Tue, 24 Nov 2026 09:59:00 +0000\r\n\r\nReceived: from z by gate.example with ESMTP id none.1\r\n";
    private const string Behind = "Return-Path: <a@b.example>\r\nDelivered-To: c@d.example\r\nReceived: from gate.example by postfix.example; Tue, 24 Nov 2026 10:00:01 +0000\r\nX-MS-Exchange-Something: 1\r\n";

    [Theory]
    [InlineData(Behind + "X-Spam-Flag: NO\r\n" + Results + Received + Letter, Results + Received + Letter)]
    // A server that sorts: the other's results are nobody's here.
    [InlineData(Results + "Authentication-Results: behind.example; none\r\n" + Behind + Received + Letter, Results + Received + Letter)]
    [InlineData(Behind + Received + Letter, Received + Letter)]
    // Ours is gone, or is another's: the copy is all there is.
    [InlineData(Behind + Letter, Behind + Letter)]
    [InlineData("", "")]
    public void From_our_trace_on(string copy, string expected) => Assert.Equal(expected, Encoding.ASCII.GetString(PassedCopy.Cut(Encoding.ASCII.GetBytes(copy), "gate.example").Span));
}
