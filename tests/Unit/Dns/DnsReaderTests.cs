using Sternpost.Dns;
using Sternpost.Dns.Protocol;
using static Sternpost.Unit.Dns.FakeDnsServer;

namespace Sternpost.Unit.Dns;

/// <summary>The form of DNS messages, and what reading one may cost.</summary>
public class DnsReaderTests
{
    private static readonly DomainName Example = DomainName.Parse("mail.example");
    private static readonly DnsQuery Query = new(7, "mail.example", Mx, false, [.. Name("mail.example"), .. Number(Mx), .. Number(1)]);

    [Fact]
    public void Names_of_a_start_of_authority_may_be_compressed()
    {
        // The two names point into the question: mail.example and example.
        var data = (byte[])[0xC0, 12, 0xC0, 17, .. new byte[3], 9, .. new byte[14], 0, 60];
        Assert.True(DnsReader.TryRead(Reply(Query, [Record(Soa, data)]), out var read));
        var zone = Assert.Single(AnswerReading.Zone(read, Example, false).Records);
        Assert.Equal((Example, 9u, TimeSpan.FromSeconds(60)), (zone.Primary, zone.Serial, zone.Minimum));
        Assert.Equal((byte[])[.. Name("mail.example"), .. Name("example")], read.Answers[0].Data[..^20].ToArray());
    }

    [Fact]
    public void Only_the_root_says_that_a_domain_takes_no_mail()
    {
        Assert.True(DnsReader.TryRead(Reply(Query, [Record(Mx, [0, 1, 0])]), out var none));
        Assert.Null(Assert.Single(AnswerReading.Exchanges(none, Example, false).Records).Exchange);
        // A dot inside a label, and an octet that no name has: neither is the root, nor a host.
        Assert.True(DnsReader.TryRead(Reply(Query, [Record(Mx, [0, 1, 3, 97, (byte)'.', 98, 0]), Record(Mx, [0, 2, 1, 200, 0])]), out var odd));
        Assert.Equal(DnsStatus.NoData, AnswerReading.Exchanges(odd, Example, false).Status);
    }

    [Theory]
    [InlineData(A, 3)]
    [InlineData(A, 5)]
    [InlineData(28, 4)]
    [InlineData(Txt, 0)]
    [InlineData(Mx, 2)]
    [InlineData(Srv, 6)]
    [InlineData(Soa, 21)]
    public void Data_of_another_length_than_its_type_has_is_no_message(int type, int length) =>
        Assert.False(DnsReader.TryRead(Reply(Query, [Record(type, new byte[length])]), out _));

    [Fact]
    public void A_time_to_live_with_the_top_bit_is_none()
    {
        var record = Record(A, [192, 0, 2, 1]);
        record[6] = 0x80;
        Assert.True(DnsReader.TryRead(Reply(Query, [record]), out var read));
        Assert.Equal(TimeSpan.Zero, AnswerReading.Ttl(read, positive: true));
    }

    [Fact]
    public void A_name_leads_through_few_pointers()
    {
        // A record whose data is a chain of pointers, each to the one before; the next owner begins at the last.
        static byte[] Chain(int pointers)
        {
            var start = 12 + Query.Question.Length + 12;
            var chain = Enumerable.Range(0, pointers).SelectMany(i => Number(0xC000 | (i == 0 ? 12 : start + (2 * (i - 1))))).ToArray();
            return Reply(Query, [Record(99, chain), [.. Number(0xC000 | (start + (2 * (pointers - 1)))), .. Record(A, [192, 0, 2, 1])[2..]]]);
        }
        Assert.True(DnsReader.TryRead(Chain(30), out var read));
        Assert.Equal(Example, read.Answers[1].Name);
        Assert.False(DnsReader.TryRead(Chain(4000), out _));
    }

    [Fact]
    public void The_costliest_reply_of_64_KB_costs_little()
    {
        // One record has the longest name there can be; all others, as many as fit, point at it.
        var longest = string.Join('.', Enumerable.Repeat("abcdefg", 31));
        var at = 12 + Query.Question.Length;
        var record = (byte[])[.. Number(0xC000 | at), .. Record(Cname, Number(0xC000 | at))[2..]];
        var reply = Reply(Query, [Record(A, [192, 0, 2, 1], name: longest), .. Enumerable.Repeat(record, (65_535 - at - 270) / record.Length)]);
        DnsReader.TryRead(reply, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(DnsReader.TryRead(reply, out var read));
        Assert.InRange(read.Answers.Count, 4000, 6000);
        AnswerReading.Alias(read, DomainName.Parse(longest), false);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024 * 1024);
    }
}
