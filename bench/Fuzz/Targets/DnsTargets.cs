using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Dns;
using Sternpost.Dns.Protocol;
using Sternpost.Dns.Updates;
using Sternpost.Fuzz.Engine;

namespace Sternpost.Fuzz.Targets;

/// <summary>What comes from DNS servers, and names.</summary>
internal static class DnsTargets
{
    private static readonly TsigKey Key = new(DomainName.Parse("k.example.org"), DomainName.Parse("hmac-sha256"), new byte[32]);
    private static readonly DomainName Asked = DomainName.Parse("example.org");

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("dns-answer", "DNS replies on the wire, and what is taken from them, all record types", Answer)
        {
            MoreSeeds = Replies,
            Words = ["\xC0\x0C", "\xC0\x00", "\xC0\xFF", "\x00\x10\x00\x01", "\x00\x05\x00\x01", "\x00\x34\x00\x01", "\x01\x01\x00\x01", "\x3F", "\x40", "\x80", "\x00\x00\x00\x00", "\xFF\xFF", "\\000", "\\"],
            MaxLength = 64 * 1024,
        },
        new("dns-update", "answers of a zone's primary server: our own parser, the check of their signature, and the text of records", Update)
        {
            MoreSeeds = () => [.. Replies(), Tsig.Sign(new byte[] { 0, 7, 0xA8, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, Key, Given.Now).Message, Tsig.Sign(Reply(Record(16, [3, 97, 98, 99])), Key, Given.Now).Message],
            Words = ["\xC0\x0C", "\xC0\x00", "\x00\xFA\x00\xFF", "\x3F", "\x40", "\x00\x10\x00\x01", "\x0Bhmac-sha256\x00", "\x00\x11", "\x00\x12"],
            MaxLength = 64 * 1024,
        },
        new("dns-name", "domain names, addresses of mailboxes, the public suffix of a name, and a public suffix list", Name)
        {
            Seeds = ["example.org", "www.example.co.uk", "xn--bcher-kva.example", "bücher.example", "_dmarc.example.org", "a.b.c.d.e.f.g.ck", "www.ck", "192.0.2.1", "user@example.org", "\"a b\"@example.org", "用户@例子.测试", "// list\nck\n*.ck\n!www.ck\n公司.cn\n"],
            Suites = ["psl/tests"],
            Words = [".", "..", "xn--", "*.", "!", "co.uk", "@", "\"", "\\", "[IPv6:::1]", "\xC2\xAD", "\xE3\x80\x82", "xn--a", "//"],
            MaxLength = 2048,
        },
    ];

    private static void Answer(byte[] input)
    {
        DnsReader.IsAbout(input, Asked, RecordType.Txt);
        if (!DnsReader.TryRead(input, out var reply)) return;
        Given.Law(AnswerReading.Texts(reply, Asked, true).Records.Sum(text => text.Length) <= AnswerBudget.TextLength, "texts keep to their budget");
        Given.Law(AnswerReading.Addresses(reply, Asked, AddressFamily.InterNetwork, true).Records.Count <= AnswerBudget.Records, "records keep to their budget");
        AnswerReading.Addresses(reply, Asked, AddressFamily.InterNetworkV6, true);
        AnswerReading.Exchanges(reply, Asked, true);
        AnswerReading.Pointers(reply, Asked, true);
        AnswerReading.Associations(reply, Asked, true);
        AnswerReading.Services(reply, Asked, true);
        AnswerReading.Issuers(reply, Asked, true);
        AnswerReading.Servers(reply, Asked, true);
        AnswerReading.Zone(reply, Asked, true);
        AnswerReading.Alias(reply, Asked, true);
        Given.Law(AnswerReading.Ttl(reply, positive: true) >= TimeSpan.Zero && AnswerReading.Ttl(reply, positive: false) >= TimeSpan.Zero, "no TTL is negative");
    }

    private static void Update(byte[] input)
    {
        if (!DnsReader.TryRead(input, out var message)) return;
        Given.Law(message.Length <= input.Length, "no more is read than there is");
        Given.Law(Tsig.Problem(input, message, [1, 2, 3], Key, Given.Now) is { Length: > 0 }, "nobody else can sign an answer");
        foreach (var read in message.Answers)
        {
            var record = new ZoneRecord(read.Name ?? Asked, (int)read.Type, read.Ttl, read.Data);
            Given.Law(record.Text is not null && record.Equals(new ZoneRecord(read.Name ?? Asked, (int)read.Type, 0, read.Data.ToArray())), "a record equals itself");
        }
    }

    private static void Name(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (DomainName.TryParse(text, out var name))
        {
            Given.Law(DomainName.TryParse(name.Ascii, out var again) && again == name, "a name's ASCII form is the same name");
            Given.Law(name.Ascii.Length <= 253, "names are no longer than 253 octets");
        }
        Given.Law(name is null || DomainName.TryParseForQuery(text, out _), "a host name can be asked for");
        if (Sternpost.Messages.Addresses.EmailAddress.TryParse(text, out var address))
            Given.Law(Sternpost.Messages.Addresses.EmailAddress.TryParse(address.ToString(), out var again) && again.Equals(address), "an address's text is the same address");
        var suffix = PublicSuffixes.Of(text);
        var registrable = PublicSuffixes.RegistrableDomain(text);
        Given.Law(text.AsSpan().TrimEnd('.').EndsWith(suffix) && text.AsSpan().TrimEnd('.').EndsWith(registrable), "a suffix is the end of its name");
        Given.Law(registrable.IsEmpty || registrable.Length > suffix.Length, "a registrable domain is one label longer than its suffix");
        if (text.Contains('\n', StringComparison.Ordinal)) _ = SuffixRules.Read(new StringReader(text)).SuffixStart("www.example.ck");
    }

    private static IEnumerable<byte[]> Replies()
    {
        var text = (byte[])[11, .. "v=spf1 -all"u8];
        yield return Reply(Record(16, text), Record(16, [3, .. "a\\b"u8, 2, 0, 200]));
        yield return Reply(Record(1, [192, 0, 2, 1]), Record(28, [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
        yield return Reply(Record(5, [3, .. "www"u8, 0xC0, 12]), Record(15, [0, 10, 2, .. "mx"u8, 0xC0, 12]), Record(15, [0, 0, 0]));
        yield return Reply(Record(52, [3, 1, 1, .. new byte[32]]), Record(33, [0, 1, 0, 2, 3, 0xE1, 4, .. "mail"u8, 0xC0, 12]));
        yield return Reply(Record(257, [0, 5, .. "issueletsencrypt.org"u8]), Record(12, [4, .. "host"u8, 0xC0, 12]), Record(2, [2, .. "ns"u8, 0xC0, 12]));
        yield return Reply(Record(6, [2, .. "ns"u8, 0xC0, 12, 4, .. "root"u8, 0xC0, 12, .. new byte[20]]), Record(46, new byte[60]), Record(41, [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]));
        yield return Reply(Record(5, [0xC0, 12]));
        yield return Reply([.. Enumerable.Repeat(Record(16, text), 300)]);
    }

    private static byte[] Reply(params byte[][] answers) =>
        [0, 1, 0x81, 0x80, 0, 1, .. Number(answers.Length), 0, 0, 0, 0, 7, .. "example"u8, 3, .. "org"u8, 0, 0, 16, 0, 1, .. answers.SelectMany(answer => answer)];

    private static byte[] Record(int type, byte[] data) => [0xC0, 12, .. Number(type), 0, 1, 0, 0, 1, 44, .. Number(data.Length), .. data];

    private static byte[] Number(int value)
    {
        var octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)value);
        return octets;
    }
}
