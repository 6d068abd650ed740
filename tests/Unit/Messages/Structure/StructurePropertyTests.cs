using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Messages.Structure;

namespace Sternpost.Unit.Messages.Structure;

public sealed class StructurePropertyTests
{
    // Pieces that mail is made of, so that random sequences of them reach every corner of the walk.
    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\r\n\r\n", "--", "--a", "\r\n--a\r\n", "\r\n--a--\r\n", "\n--b\n", "--b--", "\r\n--ab \t\r\n", " ", "\t", "x", ":", ";", "=", "\"", "(", ")", "\\", "\0", "\u00e4", "a", "b",
        "Content-Type: multipart/mixed; boundary=a\r\n", "Content-Type: multipart/alternative; boundary=\"b\"\r\n", "Content-Type: multipart/digest; boundary=ab\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/html; charset=utf-8",
        "content-transfer-encoding: base64\r\n", "Content-Disposition: attachment; filename*0=\"", "Content-Language: en, de\r\n", "Content-ID: <1>\r\n", "Content-Description: d\r\n", "Content-MD5: x\r\n", "Content-Location: l\r\n",
        "From: ", "To: a@b.c, \"d e\" <f@g>, h: i@j;", "Subject: =?utf-8?q?x?=\r\n y\r\n", "Message-ID: <1@x>\r\n", "Date : now\r\n", "<", ">", "@", ",", "[", "]",
    ];

    private static readonly Gen<byte[]> Mail = Gen.Int[0, Pieces.Length - 1].Select(pick => Pieces[pick]).Array[0, 60].Select(pieces => Encoding.Latin1.GetBytes(string.Concat(pieces)));

    [Fact]
    public void Any_octets_have_a_structure_whose_offsets_hold() =>
        Gen.OneOf(Mail, Gen.Byte.Array[0, 300]).Sample(octets => StructureAssert.IsSound(MessageStructure.Parse(octets), octets.Length), iter: 10_000);

    [Fact]
    public void What_is_written_is_read_again() =>
        Mail.Sample(
            octets =>
            {
                var structure = MessageStructure.Parse(octets);
                StructureAssert.Same(structure, MessageStructure.TryRead(structure.ToBytes()));
            },
            iter: 5_000);

    [Fact]
    public void Damaged_octets_are_refused_or_read_and_never_throw() =>
        Gen.Select(Mail, Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[0, 4], Gen.Int[0, 500]).Sample(
            (octets, damages, length) =>
            {
                var stored = MessageStructure.Parse(octets).ToBytes();
                foreach (var (at, octet) in damages) stored[at % stored.Length] = octet;
                MessageStructure.TryRead(stored.AsSpan(0, Math.Min(length, stored.Length)));
                MessageStructure.TryRead(stored);
            },
            iter: 10_000);

    [Fact]
    public void Nesting_beyond_the_budget_is_opaque()
    {
        var mail = new StringBuilder();
        for (var i = 0; i < 5000; i++) mail.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        var structure = MessageStructure.Parse(Encoding.ASCII.GetBytes(mail.ToString()));
        var depth = 0;
        for (var part = structure.Root; part.Children.Count > 0; part = part.Children[0]) depth++;
        Assert.Equal(100, depth);
        StructureAssert.Same(structure, MessageStructure.TryRead(structure.ToBytes()));

        var forwarded = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 5000));
        structure = MessageStructure.Parse(Encoding.ASCII.GetBytes(forwarded));
        depth = 0;
        for (var part = structure.Root; part.Message is { } message; part = message.Root) depth++;
        Assert.Equal(100, depth);
        StructureAssert.Same(structure, MessageStructure.TryRead(structure.ToBytes()));
    }

    [Fact]
    public void Parts_beyond_the_budget_are_left_out()
    {
        var mail = "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + string.Concat(Enumerable.Repeat("--a\r\n\r\nx\r\n", 50_000));
        var structure = MessageStructure.Parse(Encoding.ASCII.GetBytes(mail));
        Assert.Equal(9_999, structure.Root.Children.Count);
        StructureAssert.IsSound(structure, mail.Length);
    }

    public static TheoryData<string> Attacks => ["delimiters", "comments", "quotes", "fields", "folds", "addresses", "groups", "parameters", "boundaries"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Hostile_mail_costs_time_in_proportion_to_its_size(string attack)
    {
        const int size = 4_000_000;
        var mail = attack switch
        {
            "delimiters" => Nested(100) + Repeat("--b\r\n"),
            "comments" => "Content-Type: " + Repeat("( "),
            "quotes" => "To: " + Repeat("\"\\"),
            "fields" => Repeat("To: a\r\n"),
            "folds" => "Subject: " + Repeat("\r\n x"),
            "addresses" => "To: " + Repeat("a@b,"),
            "groups" => "To: " + Repeat("a:;"),
            "parameters" => Nested(50) + "Content-Type: a/b" + Repeat(";a=b"),
            _ => "Content-Type: multipart/mixed; boundary=a" + Repeat("\r\n--a"),
        };
        var octets = Encoding.ASCII.GetBytes(mail);
        // Other tests run beside this one, so processor time of this thread is not to be had: the bound is generous and still
        // far below what anything quadratic would take.
        var watch = Stopwatch.StartNew();
        var structure = MessageStructure.Parse(octets);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        StructureAssert.IsSound(structure, octets.Length);
        Assert.InRange(structure.ToBytes().Length, 0, 16_000_000);

        static string Repeat(string text) => string.Concat(Enumerable.Repeat(text, size / text.Length));

        static string Nested(int depth) => string.Concat(Enumerable.Range(0, depth).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"));
    }
}
