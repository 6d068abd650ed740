using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim2;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.MailAuth.Dkim2;

/// <summary>The vectors beside the repository: those of one implementer and those that several exchanged, which are of earlier drafts.</summary>
public sealed class Dkim2SuiteTests
{
    // Where the draft now says something else than when the vector was made.
    private static readonly Dictionary<string, string> Deviations = new(StringComparer.Ordinal)
    {
        // Draft -05 §4 no longer signs Received-SPF ("Received-*"); these chains add one, hash it and undo it.
        ["interop_brong_chain_hop5"] = "fail Message Instance m=5 header hash sha256 mismatch",
        ["interop_brong_chain_hop6"] = "fail Message Instance m=5 header hash sha256 mismatch",
    };

    public static TheoryData<string> Cases => [.. All().Select(item => item.GetProperty("name").GetString()!)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Cases))]
    public async Task EachVectorComesOutAsItSays(string name)
    {
        var item = All().Single(item => item.GetProperty("name").GetString() == name);
        var message = Read(item.GetProperty("file").GetString()!);
        // "strict" tells vectors that follow the draft from those exchanged before paths had angle brackets.
        var verifier = new Dkim2Verifier(Zone(), barePaths: !item.GetProperty("strict").GetBoolean());
        var result = await verifier.VerifyAsync(
            RawHeader.Parse(message), message, item.GetProperty("mail_from").GetString()!, [.. item.GetProperty("rcpt_to").EnumerateArray().Select(path => path.GetString()!)],
            DateTimeOffset.FromUnixTimeSeconds(item.GetProperty("now").GetInt64()), TestContext.Current.CancellationToken);
        if (Deviations.TryGetValue(name, out var deviation)) Assert.Equal(deviation, $"{result.Word} {result.Reason}");
        else Assert.True(item.GetProperty("expected").GetString() == result.Word, $"{name}: {result.Word} {result.Reason}");
    }

    // Chains that the list of cases leaves out, with the envelope their last signature names.
    [Theory]
    [InlineData("simple-ed25519.eml", "sender@test1.dkim2.com", "recipient@example.com", "pass")]
    [InlineData("multihop-header-add.eml", "relay@test2.dkim2.com", "recipient@example.com", "pass")]
    [InlineData("multihop-header-replace.eml", "relay@test3.dkim2.com", "recipient@example.com", "pass")]
    [InlineData("multihop-body-footer.eml", "relay@test2.dkim2.com", "recipient@example.com", "pass")]
    public async Task MessagesWithoutACaseAreVerifiedByTheirLastHop(string file, string mailFrom, string recipient, string expected)
    {
        var message = Read(file);
        var result = await new Dkim2Verifier(Zone(), barePaths: true).VerifyAsync(RawHeader.Parse(message), message, mailFrom, [recipient], DateTimeOffset.FromUnixTimeSeconds(1740002000), default);
        Assert.Equal((expected, ""), (result.Word, result.Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ItsResultIsWrittenDownOnlyWhereAskedFor(bool asked)
    {
        var message = Read("simple_ed25519.eml");
        var now = DateTimeOffset.FromUnixTimeSeconds(1782394396);
        var session = new SessionFacts(IPAddress.Parse("192.0.2.1"), "mx.dkim2.eu", "ESMTPS", "TLSv1.3", "x", null, now, "s1");
        var envelope = new Envelope(EmailAddress.Parse("sender@test.dkim2.eu"), [new EnvelopeRecipient(EmailAddress.Parse("recipient@example.com"))]);
        var outcome = await new Authentication(Zone(), new FakeTimeProvider(now)) { VerifyDkim2 = asked }.EvaluateAsync(session, envelope, message, default);
        Assert.Equal(asked, outcome.ToHeaderValue().Contains("dkim2=pass header.d=test.dkim2.eu", StringComparison.Ordinal));
        Assert.Equal(asked, outcome.Dkim2 is not null);
    }

    [Fact]
    public async Task AnyChangeOfWhatIsSignedIsFound()
    {
        var message = Read("interop_brong_chain_hop3.eml");
        var verifier = new Dkim2Verifier(Zone(), barePaths: true);
        async Task<string> VerifyAsync(string text) =>
            (await verifier.VerifyAsync(RawHeader.Parse(Encoding.Latin1.GetBytes(text)), Encoding.Latin1.GetBytes(text), "relay@test3.dkim2.com", ["user@test4.dkim2.com"], DateTimeOffset.FromUnixTimeSeconds(1740000060), default)).Word;
        var sound = Encoding.Latin1.GetString(message);
        Assert.Equal("pass", await VerifyAsync(sound));
        Assert.Equal("fail", await VerifyAsync(sound.Replace("Extra-Header: yes", "Extra-Header: no", StringComparison.Ordinal)));
        Assert.Equal("fail", await VerifyAsync(sound.Replace("Here's some extra text.", "Here's some other text.", StringComparison.Ordinal)));
        // What is on the way only does not count (§4).
        Assert.Equal("pass", await VerifyAsync("X-Seen: yes\r\nReceived: by here\r\n" + sound));
        Assert.Equal("permerror", await VerifyAsync(sound.Replace("DKIM2-Signature: i=2", "Other-Signature: i=2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task NothingIsThrownWhateverTheFieldsHold()
    {
        var sound = Read("interop_brong_chain_hop3.eml");
        var head = sound.AsSpan().IndexOf("Received:"u8);
        var verifier = new Dkim2Verifier(Zone(), barePaths: true);
        await Gen.Select(Gen.Int[0, head - 1], Gen.Byte).Array[1, 6].SampleAsync(async changes =>
        {
            var message = sound.ToArray();
            foreach (var (at, octet) in changes) message[at] = octet;
            var result = await verifier.VerifyAsync(RawHeader.Parse(message), message, "relay@test3.dkim2.com", ["user@test4.dkim2.com"], DateTimeOffset.FromUnixTimeSeconds(1740000060), default);
            Assert.True(result.Kind == Dkim2Kind.Pass == (result.Reason.Length == 0) || result.Kind == Dkim2Kind.None);
        }, iter: 300);
    }

    [Theory]
    [InlineData("""{"b":[{"c":[3,1]}]}""")]
    [InlineData("""{"b":[{"c":[1,5]},{"c":[5,9]}]}""")]
    [InlineData("""{"b":[{"c":[1]}]}""")]
    [InlineData("""{"b":[{"d":[]}]}""")]
    [InlineData("""{"b":[{"d":["a\r\nb"]}]}""")]
    [InlineData("""{"b":[{"c":[1,2],"d":["a"]}]}""")]
    [InlineData("""{"h":{"subject":null}}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("nonsense")]
    public void RecipesThatMakeNoSenseAreRefused(string json) => Assert.Null(Recipe.Read(Convert.ToBase64String(Encoding.UTF8.GetBytes(json))));

    private static IReadOnlyList<JsonElement> All() =>
        Suites.Find("dkim2/mail-auth/cases.json") is { } path ? [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()] : [];

    // The vectors lie with LF alone here, and were made with CRLF.
    private static byte[] Read(string file)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(Suites.Require("dkim2/mail-auth/expected/" + file)));
        return Encoding.Latin1.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    private static ZoneResolver Zone()
    {
        var zone = new ZoneResolver();
        using var records = JsonDocument.Parse(File.ReadAllText(Suites.Require("dkim2/mail-auth/dns.json")));
        foreach (var domain in records.RootElement.EnumerateObject())
        {
            foreach (var name in domain.Value.EnumerateObject())
            {
                foreach (var record in name.Value.EnumerateArray()) zone.Txt($"{name.Name}.{domain.Name}", record[1].GetString()!);
            }
        }
        return zone;
    }
}
