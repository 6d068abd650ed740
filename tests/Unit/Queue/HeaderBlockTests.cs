using System.Text;
using Sternpost.Queue.Intake;

namespace Sternpost.Unit.Queue;

/// <summary>Loops by RFC 5321 §6.3: many hops, and here before.</summary>
public class HeaderBlockTests
{
    private const string Us = "mail.example.com";

    [Fact]
    public void A_hundred_hops_with_ours_among_them_are_a_loop() =>
        Assert.True(HeaderBlock.HasLooped([.. Encoding.ASCII.GetBytes(Hop(Us) + Hop(Us)), .. Message(99, Hop("relay.example.net"))], Us));

    [Fact]
    public void Folded_before_our_name_counts_too() =>
        Assert.True(HeaderBlock.HasLooped(Message(101, $"Received: from a.example (a.example [192.0.2.1])\r\n\tby\r\n {Us} with ESMTPS id 1;\r\n Tue, 24 Nov 2026 10:00:00 +0000\r\n"), Us));

    [Fact]
    public void However_many_hops_of_others_are_none() =>
        Assert.False(HeaderBlock.HasLooped(Message(291, Hop("relay.example.net")), Us));

    [Fact]
    public void Our_name_as_the_sender_is_no_hop_of_ours() =>
        Assert.False(HeaderBlock.HasLooped(Message(291, $"Received: from {Us} by relay.example.net; Tue, 24 Nov 2026 10:00:00 +0000\r\n"), Us));

    [Fact]
    public void Fewer_than_a_hundred_are_none() =>
        Assert.False(HeaderBlock.HasLooped(Message(100, Hop(Us)), Us));

    private static string Hop(string by) => $"Received: from a.example (a.example [192.0.2.1]) by {by} with ESMTP id 1; Tue, 24 Nov 2026 10:00:00 +0000\r\n";

    private static byte[] Message(int hops, string hop) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(hop, hops)) + "From: a@example.net\r\n\r\nHello.\r\n");
}
