using System.IO.Compression;
using System.Text;
using CsCheck;
using Sternpost.Filter;
using Sternpost.Unit.House;
using ZXing;
using ZXing.QrCode;

namespace Sternpost.Unit.Filter.Carried;

/// <summary>QR codes in pictures and documents.</summary>
public sealed class PictureCodesTests
{
    private const string Address = "https://sign-in.elsewhere.example/m?u=reader";

    /// <summary>As qrencode and Pillow wrote them: see the name of each.</summary>
    public static TheoryData<string> Pictures => [.. Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)).Where(file => file != "one-time.png").Order(StringComparer.Ordinal)];

    private static string Folder => RepositoryRoot.File("tests", "Unit", "Filter", "Carried", "pictures");

    [Theory]
    [MemberData(nameof(Pictures))]
    public void A_code_in_a_picture_is_a_link(string name)
    {
        var message = With(("image/" + (name.EndsWith("png", StringComparison.Ordinal) ? "png" : "jpeg"), name, Picture(name)));
        Assert.Equal([Address], message.Carried(new FilterOptions().Attachments).Codes.Select(link => link.Target));
    }

    [Fact]
    public void A_secret_for_one_time_passwords_is_no_link() =>
        Assert.Empty(With(("image/png", "one-time.png", Picture("one-time.png"))).Carried(new FilterOptions().Attachments).Codes);

    [Theory]
    [InlineData("WWW.ELSEWHERE.EXAMPLE/X", "http://WWW.ELSEWHERE.EXAMPLE/X")]
    [InlineData("URL:https://elsewhere.example/", "https://elsewhere.example/")]
    [InlineData("MEBKM:TITLE:Shop;URL:https\\://elsewhere.example;;", "https://elsewhere.example")]
    [InlineData("otpauth://totp/Company:alice?secret=JBSWY3DPEHPK3PXP&issuer=Company", null)]
    [InlineData("SPC\n0200\n1\nCH5800791123000889012", null)]
    [InlineData("M1DOE/JANE EABC123 ZRHLHRLX 0318 123Y014C0042 100", null)]
    public void Only_what_a_telephone_opens_as_an_address_is_one(string text, string? address)
    {
        var codes = With(("application/pdf", "c.pdf", Pdf("samples", text))).Carried(new FilterOptions().Attachments).Codes;
        Assert.Equal(address is null ? [] : [address], codes.Select(link => link.Target));
    }

    [Theory]
    [InlineData("samples")]
    [InlineData("predicted")]
    [InlineData("bits")]
    [InlineData("jpeg")]
    public void A_code_in_a_pdf_is_a_link(string form)
    {
        var message = With(("application/pdf", "statement.pdf", Pdf(form, Address)));
        Assert.Equal([Address], message.Carried(new FilterOptions().Attachments).Codes.Select(link => link.Target));
    }

    [Fact]
    public void A_picture_that_says_it_is_enormous_is_not_decoded()
    {
        var png = Picture("grey.png");
        // IHDR: width and height.
        new byte[] { 0, 0, 0x1F, 0x40, 0, 0, 0x1F, 0x40 }.CopyTo(png, 16);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(With(("image/png", "huge.png", png)).Carried(new FilterOptions().Attachments).Codes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_picture_packed_with_a_dictionary_is_no_matter()
    {
        var png = Picture("grey.png");
        // RFC 1950 §2.2: FDICT, with its check bits.
        png[png.AsSpan().IndexOf("IDAT"u8) + 5] = 0x20;
        Assert.Empty(With(("image/png", "x.png", png)).Carried(new FilterOptions().Attachments).Codes);
    }

    [Fact]
    public void Damaged_pictures_are_no_matter()
    {
        var whole = new[] { Picture("palette.png"), Picture("transparent.png"), Picture("baseline.jpg"), Picture("progressive.jpg"), Pdf("predicted", Address) };
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Select(Gen.Int[0, 20_000], Gen.Byte).Array[1, 30]).Sample(
            (which, changes) =>
            {
                var damaged = (byte[])whole[which].Clone();
                foreach (var (at, octet) in changes) damaged[at % damaged.Length] = octet;
                _ = With(("image/png", "x.png", damaged), ("application/pdf", "x.pdf", damaged)).Carried(new FilterOptions().Attachments).Links;
            },
            iter: 300);
    }

    private static byte[] Picture(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    private static byte[] Pdf(string form, string text)
    {
        const int module = 4;
        var matrix = new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 0, 0);
        var (width, height) = (matrix.Width * module, matrix.Height * module);
        var rows = new MemoryStream();
        for (var y = 0; y < height; y++)
        {
            if (form == "predicted") rows.WriteByte(1);
            byte left = 0;
            for (var x = 0; x < width; x++)
            {
                var shade = matrix[x / module, y / module] ? (byte)0 : (byte)255;
                if (form == "samples") rows.Write([shade, shade, shade]);
                else if (form == "predicted")
                {
                    rows.WriteByte((byte)(shade - left));
                    left = shade;
                }
            }
            if (form != "bits") continue;
            for (var x = 0; x < width; x += 8)
            {
                var octet = 0;
                for (var bit = 0; bit < 8; bit++) octet = (octet << 1) | (x + bit < width && !matrix[(x + bit) / module, y / module] ? 1 : 0);
                rows.WriteByte((byte)octet);
            }
        }
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(rows.ToArray());
        var (filter, content) = form == "jpeg" ? ("/DCTDecode", Picture("baseline.jpg")) : ("/FlateDecode", packed.ToArray());
        var parameters = form == "predicted" ? "/DecodeParms<</Predictor 15/Colors 1/Columns " + width + ">>" : "";
        var head = $"%PDF-1.5\n7 0 obj\n<</Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent {(form == "bits" ? 1 : 8)}/Filter{filter}{parameters}>>\nstream\n";
        return [.. Encoding.ASCII.GetBytes(head), .. content, .. "\nendstream\nendobj\n"u8];
    }

    private static MessageUnderJudgement With(params (string Type, string Name, byte[] Content)[] parts)
    {
        var text = new StringBuilder("From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"q\"\n\n--q\nContent-Type: text/plain\n\nSee below.\n");
        foreach (var (type, name, content) in parts)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"--q\nContent-Type: {type}; name=\"{name}\"\nContent-Transfer-Encoding: base64\nContent-Disposition: inline; filename=\"{name}\"\n\n{Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}\n");
        return Letter.Judged(text.Append("--q--\n").ToString());
    }
}
