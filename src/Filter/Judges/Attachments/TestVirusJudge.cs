using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Attachments;

/// <summary>
/// The EICAR anti-malware test file: what administrators send to see whether their filter is awake. Found by its definition:
/// a file of at most 128 octets that begins with the 68 of the test string, followed by white space only.
/// </summary>
internal sealed class TestVirusJudge : LocalJudge
{
    private static readonly Symbol TestVirus = new("VIRUS_TEST_FILE", 20, "The message carries the EICAR virus test file.");

    private const int MaxFile = 128;

    // In two halves, so that no scanner takes this program for the test file.
    private static readonly byte[] Signature = [.. "X5O!P%@AP[4\\PZX54(P^)7CC)7}"u8, .. "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"u8];

    public override string Name => "test-virus";

    public override IReadOnlyList<Symbol> Symbols => [TestVirus];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        foreach (var part in message.Mime.Parts)
        {
            // Four octets of base64 hold three, and a quoted-printable octet takes three: a longer body is no test file.
            if (part.Body.Length is < 68 or > MaxFile * 4) continue;
            if (IsTestFile(part.Decode(MaxFile + 1).Span)) return [TestVirus.Found(compels: Disposition.Reject)];
        }
        return [];
    }

    private static bool IsTestFile(ReadOnlySpan<byte> file) =>
        file.Length <= MaxFile && file.StartsWith(Signature) && file[Signature.Length..].IndexOfAnyExcept(" \t\r\n\x1a"u8) < 0;
}
