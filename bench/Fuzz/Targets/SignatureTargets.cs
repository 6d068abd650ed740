using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Fuzz.Engine;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dkim2;
using Sternpost.MailAuth.Results;

namespace Sternpost.Fuzz.Targets;

/// <summary>What messages are signed with: canonical forms, DKIM, ARC, DKIM2.</summary>
internal static class SignatureTargets
{
    private const string Message = "Received: from a.example by b.example; Fri, 2 Jan 2026 03:04:05 +0000\r\nFrom: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: A\r\n folded\tsubject \r\nDate: Fri, 2 Jan 2026 03:04:05 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello  Bob, \r\n\r\n.\r\nend\t \r\n\r\n\r\n";

    private static readonly string[] MessageWords = ["\r\n", "\n", "\r", "\r\n ", "\r\n\t", "  ", " \r\n", "\r\n\r\n", "From: ", "from : ", "Subject:", "DKIM-Signature: ", "\xC3\xBC", "\x00", ":"];

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("canonical-form", "canonical forms of header and body against a plain writing of the RFC, and the cutting of b=", Canonical)
        {
            Seeds = [Message, Message.Replace("\r\n", "\n", StringComparison.Ordinal), "A: b\r\n\r\n \r\n\t\r\n", "a:x\r\n y\r\n\r\nc\rd\r\r\n", "B : b=1; x; b =\r\n 2;\r\n\r\n" + new string(' ', 600) + "x"],
            Words = [.. MessageWords, "b=", "; b = ", "bh=", ";"],
            MaxLength = 64 * 1024,
        },
        new("dkim-tags", "tag lists: DKIM signatures, ARC seals and signatures, key records", Tags)
        {
            Seeds =
            [
                "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; t=1767323045; x=1867323045; l=10; q=dns/txt; i=a=3Db@x.example.org; h=from:to:subject; bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=; b=dGVzdA==; z=From:a|To:b",
                "i=1; a=ed25519-sha256; cv=none; d=example.org; s=sel; t=1; b=dGVz\r\n dA==",
                "v=DKIM1; k=rsa; h=sha256; s=email:*; t=y:s; n=notes; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                Given.Rsa.RecordText, "p=",
            ],
            Words = ["v=1", "v=DKIM1", "a=", "b=", "bh=", "c=", "d=", "h=", "i=", "l=", "q=", "s=", "t=", "x=", "z=", "k=", "p=", "cv=", "rsa-sha1", "ed25519-sha256", "relaxed", "simple", "; ", ";;", "=3D", "=3d", "\r\n ", ":", "from", "@"],
            MaxLength = 40 * 1024,
        },
        new("dkim-message", "whole DKIM verification of a message with a key record of strangers; what we sign ourselves verifies", Dkim)
        {
            MoreSeeds = () => [Signed(Given.Rsa), Signed(Given.Ed25519), Both(Signed(Given.Rsa), Given.Rsa.RecordText), Both(Signed(Given.Ed25519), Given.Ed25519.RecordText), Encoding.Latin1.GetBytes(Message), Both(Signed(Given.Ed25519), "v=DKIM1; k=rsa; p=MDwwDQYJKoZIhvcNAQEBBQADKwAwKAIhAMvv")],
            Suites = ["dkim/dkimpy", "dkim/mail-dkim/corpus", "dkim/mail-auth", "dkim/mailauth"],
            Words = [.. MessageWords, "l=1; ", "c=simple/simple; ", "c=simple; ", "h=from:from:to; ", "x=1; ", "a=rsa-sha1; ", "s=rsa; ", "s=ed; ", "\n===\n", "t=s; ", "p=;", "i=@sub.example.org; "],
            MaxLength = 64 * 1024,
        },
        new("arc-message", "ARC: sets, validation, sealing; a message we seal ourselves has a chain that passes", Arc)
        {
            MoreSeeds = () => [Sealed(1), Sealed(2), Sealed(4), Encoding.Latin1.GetBytes(Message)],
            Suites = ["arc"],
            Words = [.. MessageWords, "ARC-Seal: ", "ARC-Message-Signature: ", "ARC-Authentication-Results: ", "i=1; ", "i=2; ", "i=51; ", "cv=none; ", "cv=pass; ", "cv=fail; ", "h=arc-seal; "],
            MaxLength = 64 * 1024,
        },
        new("dkim2-message", "DKIM2: fields, recipes, instances, whole verification", Dkim2)
        {
            Seeds = [Message, "DKIM2-Signature: i=1; m=1; t=1767323000; mf=PD4=; rt=PGJvYkBleGFtcGxlLm5ldD4=; d=example.org; s=ed:ed25519-sha256:AAAA\r\nMessage-Instance: v=1; m=1; h=sha256:AAAA:BBBB; r=eyJoIjp7fX0=\r\n" + Message],
            MoreSeeds = () => Recipes().Select(recipe => Encoding.Latin1.GetBytes("DKIM2-Signature: i=1; m=1; t=1767323000; mf=PD4=; rt=PGJvYkBleGFtcGxlLm5ldD4=; d=example.org; s=ed:ed25519-sha256:AAAA\r\nMessage-Instance: v=1; m=2; h=sha256:AAAA:BBBB; r=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(recipe)) + "\r\n" + Message)),
            Suites = ["dkim2/mail-auth/emails"],
            Words = [.. MessageWords, "DKIM2-Signature: ", "Message-Instance: ", "i=", "m=", "t=", "mf=", "rt=", "nd=", "d=", "s=", "f=", "h=", "r=", "sha256:", "ed25519-sha256", "rsa-sha256", "PD4=", "eyJi", ":", ","],
            MaxLength = 64 * 1024,
        },
    ];

    private static void Canonical(byte[] input)
    {
        var header = RawHeader.Parse(input);
        foreach (var relaxed in (bool[])[false, true])
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var length = BodyCanonicalization.Hash(hash, header.Body, relaxed);
            var plain = PlainCanonical.Body(header.Body, relaxed);
            Given.Law(length == plain.Length, $"the canonical body ({(relaxed ? "relaxed" : "simple")}) has the length of the plain one");
            Given.Law(hash.GetHashAndReset().AsSpan().SequenceEqual(SHA256.HashData(plain)), $"the canonical body ({(relaxed ? "relaxed" : "simple")}) is that of the plain one");
            var fields = new ArrayBufferWriter<byte>();
            foreach (var field in header.Fields)
            {
                HeaderCanonicalization.Append(fields, header, field, relaxed);
                HeaderCanonicalization.AppendWithoutSignature(fields, header, field, relaxed);
            }
            Given.Law(!relaxed || header.Fields.Count == 0 || fields.WrittenSpan.IndexOf("  "u8) < 0 || header.Fields.Exists(field => header.Name(field).IndexOf("  "u8) >= 0), "a relaxed field holds no two spaces");
        }
    }

    private static void Tags(byte[] input)
    {
        foreach (var kind in (SignatureField[])[SignatureField.Dkim, SignatureField.ArcMessage, SignatureField.ArcSeal])
            Given.Law(SignatureTags.TryParse(input, kind, out _, out var problem) || problem is not null, "a signature that is refused has a reason");
        var text = Given.Latin(input);
        if (DkimKeyRecord.TryParse(text, out var key, out var trouble))
        {
            Span<byte> digest = stackalloc byte[32];
            foreach (var algorithm in (SigningAlgorithm[])[SigningAlgorithm.RsaSha256, SigningAlgorithm.Ed25519Sha256]) PublicKeys.Check(key, algorithm, digest, new byte[64]);
        }
        else Given.Law(trouble.Length > 0, "a key record that is refused has a reason");
        QuotedPrintable.Decode(text);
    }

    private static void Dkim(byte[] input)
    {
        var (message, record) = Apart(input);
        var results = Given.Done(DkimVerifier.VerifyAsync(message, Given.Now, Given.Keys(record), CancellationToken.None));
        Given.Law(results.All(result => result.Kind == DkimKind.Pass || result.Reason.Length > 0), "a signature that does not pass has a reason");
        // Not every input is a message; one with an author can be signed.
        var header = RawHeader.Parse(message);
        if (header.Truncated || header.Count("From"u8) == 0 || header.Count("DKIM-Signature"u8) >= 8) return;
        var field = DkimSigner.Sign(message, Given.Ed25519, Given.Now);
        if (field.Length == 0) return;
        byte[] signed = [.. field, .. message];
        var own = Given.Done(DkimVerifier.VerifyAsync(signed, Given.Now, Given.Keys(null), CancellationToken.None));
        Given.Law(own.Count > 0 && own[0].Kind == DkimKind.Pass, "what we sign verifies: " + (own.Count > 0 ? own[0].Reason : "no result"));
    }

    private static void Arc(byte[] input)
    {
        var chain = Given.Done(ArcVerifier.VerifyAsync(input, Given.Keys(null), CancellationToken.None));
        Given.Law(chain.Kind != ArcKind.Fail || chain.Reason.Length > 0, "a chain that fails has a reason");
        OwnResults.Gather(input, Given.Host);
        var fields = ArcSealer.Seal(input, chain, "mail.example.org", "spf=pass", Given.Ed25519, Given.Now);
        if (fields.Length == 0 || chain.Kind == ArcKind.Fail) return;
        var again = Given.Done(ArcVerifier.VerifyAsync((byte[])[.. fields, .. input], Given.Keys(null), CancellationToken.None));
        // A line that is no field, or no header at all, makes our set part of something else; a header without end cannot be sealed.
        Given.Law(again.Kind == ArcKind.Pass || RawHeader.Parse((byte[])[.. fields, .. input]).Truncated || again.Reason.Contains("not checked", StringComparison.Ordinal), "a chain we seal passes: " + again.Reason);
    }

    private static void Dkim2(byte[] input)
    {
        var header = RawHeader.Parse(input);
        foreach (var bare in (bool[])[false, true])
        {
            var result = Given.Done(new Dkim2Verifier(Given.Keys(null), bare).VerifyAsync(header, input, "", ["bob@example.net"], Given.Now, CancellationToken.None));
            Given.Law(result.Kind is Dkim2Kind.Pass or Dkim2Kind.None || result.Reason.Length > 0, "what does not pass has a reason");
        }
        // The octets as a recipe, which signatures and hashes otherwise keep from being carried out.
        try
        {
            if (Recipe.Read(Convert.ToBase64String(input)) is { } recipe && InstanceState.Of(RawHeader.Parse(Encoding.Latin1.GetBytes(Message)), Encoding.Latin1.GetBytes(Message)) is { } state) state.TryUndo(recipe);
        }
        catch (Dkim2Exception)
        {
            // How it says that a recipe is none.
        }
    }

    private static (byte[] Message, string? Record) Apart(byte[] input)
    {
        var cut = input.AsSpan().LastIndexOf("\n===\n"u8);
        return cut < 0 ? (input, null) : (input[..(cut + 1)], Encoding.Latin1.GetString(input.AsSpan(cut + 5)));
    }

    private static byte[] Both(byte[] message, string record) => [.. message, .. "\n===\n"u8, .. Encoding.Latin1.GetBytes(record)];

    private static byte[] Signed(DkimSigningKey key)
    {
        var message = Encoding.Latin1.GetBytes(Message);
        return [.. DkimSigner.Sign(message, key, Given.Now), .. message];
    }

    private static byte[] Sealed(int times)
    {
        var message = Encoding.Latin1.GetBytes(Message);
        for (; times > 0; times--)
        {
            var chain = Given.Done(ArcVerifier.VerifyAsync(message, Given.Keys(null), CancellationToken.None));
            message = [.. ArcSealer.Seal(message, chain, "mail.example.org", "spf=pass smtp.mailfrom=ann@example.org", Given.Ed25519, Given.Now), .. message];
        }
        return message;
    }

    private static string[] Recipes() =>
    [
        """{"h":{"subject":[{"d":["QQ=="]}]},"b":[{"c":[1,2]},{"d":["SGVsbG8="]},{"c":[4,5]}]}""",
        """{"h":{},"b":[[1,3]]}""",
        """{"b":null}""",
    ];
}
