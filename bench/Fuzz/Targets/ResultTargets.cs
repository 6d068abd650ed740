using System.Text;
using Sternpost.Dns;
using Sternpost.Fuzz.Engine;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Results;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Policy.Mx;

namespace Sternpost.Fuzz.Targets;

/// <summary>Results of authentication: as others wrote them, as we write them, and what is forged in our name.</summary>
internal static class ResultTargets
{
    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("results-read", "Authentication-Results of others, and cutting those written in our name out of a message", Read)
        {
            Seeds =
            [
                "mail.example.org; spf=pass (ok) smtp.mailfrom=ann@example.org; dkim=fail reason=\"bad \\\" one\" header.d=example.org header.b=abc; dmarc=pass policy.dmarc=none header.from=example.org",
                "Authentication-Results: mail.example.org; spf=pass\r\nAuthentication-Results:\r\n (a (nested) comment) \"mail.example.org\" 1; dkim=none\r\nX-Sternpost-Verdict: junk\r\nFrom: a@b.example\r\n\r\nbody",
                "Authentication-Results: MAIL.EXAMPLE.ORG./1; none\nauthentication-results : mail.example.org\n\tx\nA: b\n\nAuthentication-Results: mail.example.org; none\n",
            ],
            Words = ["Authentication-Results:", "mail.example.org", "MAIL.Example.ORG", "\"mail.example.org\"", "mail\\.example.org", "(", ")", "\\", "\"", ";", "=", "/1", "\r\n ", "\r\n", "\n", "\r", "X-Sternpost-Verdict:", "spf=pass", "\xC2\xAD", "."],
            MaxLength = 64 * 1024,
        },
        new("authentication", "everything at once: SPF, DKIM, ARC, DKIM2, DMARC of one message, and the field we write about it", Authenticate)
        {
            Seeds =
            [
                "ann@example.org helo.example.org\nv=DMARC1; p=reject; rua=mailto:r@example.org\nv=spf1 -all exp=x.example\n===\nDKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from; bh=AAAA; b=AAAA\r\nFrom: Ann <ann@example.org>\r\nSubject: x\r\n\r\nbody\r\n",
                " [192.0.2.1]\nv=DMARC1; p=none; psd=y; np=reject; sp=quarantine; adkim=s; aspf=r; t=y\n===\nFrom: \"a@b.example\" <x@sub.example.org>, b@other.example\r\n\r\n",
                "x@y.example helo(comment)\"\\\nv=DMARC1\n===\nFrom: group: a@example.org, b@example.org;\r\nFrom: =?utf-8?q?x?= <c@\xC3\xBC.example>\r\n\r\n",
            ],
            Words = ["\n===\n", "v=DMARC1; ", "p=reject; ", "p=none; ", "sp=", "np=", "psd=y; ", "t=y; ", "adkim=s; ", "aspf=s; ", "pct=50; ", "fo=1:d:s; ", "rua=mailto:a@b.example!10m,", "From: ", "<", ">", "\"", "(", ")", ",", ";", ":", "@", "\\", "DKIM-Signature: ", "i=\"a\\\r\n b\"@example.org; ", "\xE2\x80\xAE", "\x00", "\r\n "],
            MaxLength = 64 * 1024,
        },
    ];

    private static void Read(byte[] input)
    {
        var results = ResultsReader.Read(Encoding.UTF8.GetString(input));
        Given.Law(results.All(result => result.Method.Length <= input.Length), "a method is part of the field");
        OwnResults.Gather(input, Given.Host);
        // Lines end with CRLF where messages are cut: the server makes sure.
        var message = Encoding.Latin1.GetBytes(Given.Latin(input).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', ' ').Replace("\n", "\r\n", StringComparison.Ordinal));
        var whole = message.Length;
        var length = ForgedResults.Cut(message, Given.Host, out var fields);
        Given.Law(length <= whole && (fields > 0 || length == whole), "cutting makes a message shorter");
        Given.Law(ForgedResults.Cut(message.AsSpan(0, length), Given.Host, out var left) == length && left == 0, "nothing is left to cut");
        Given.Law(OwnResults.Gather(message.AsMemory(0, length), Given.Host) is null, "of what was cut, nothing counts as ours");
    }

    private static void Authenticate(byte[] input)
    {
        var cut = input.AsSpan().IndexOf("\n===\n"u8);
        var head = Given.Latin(cut < 0 ? [] : input[..cut]).Split('\n');
        var message = cut < 0 ? input : input[(cut + 5)..];
        var space = head[0].IndexOf(' ', StringComparison.Ordinal);
        var helo = space < 0 ? "" : head[0][(space + 1)..];
        var from = EmailAddress.TryParse(space < 0 ? head[0] : head[0][..space], out var sender) ? sender : null;
        var session = new SessionFacts(Given.Client, helo.Length > 512 ? helo[..512] : helo, "ESMTP", null, null, null, Given.Now, "fuzz");
        var envelope = new Envelope(from, [new EnvelopeRecipient(EmailAddress.Parse("bob@example.net"))]);
        var zone = new FuzzZone(name => name.Ascii.Contains("_domainkey", StringComparison.Ordinal) ? [Given.Rsa.RecordText] : [head[name.Ascii.Length % head.Length]]);
        var outcome = Given.Done(new Authentication(zone, Given.Time) { VerifyDkim2 = true }.EvaluateAsync(session, envelope, message, CancellationToken.None));
        var value = outcome.ToHeaderValue();
        Given.Law(!value.Replace("\r\n\t", "", StringComparison.Ordinal).Any(char.IsControl), "what we write holds no line end but its folds, and no control character");
        var read = ResultsReader.Read("mail.example.org; " + value);
        Given.Law(value.Length > 16 * 1024 || read.Count(result => result.Method == "dkim") == Math.Max(1, outcome.Dkim.Count), "each signature's result can be read again");
        Given.Law(value.Length > 16 * 1024 || (read.FirstOrDefault(result => result.Method == "spf") is { } spf && spf.Result == outcome.Spf.Word), "what SPF said can be read again");
        Given.Law(value.Length > 16 * 1024 || (read.Count(result => result.Method == "dmarc") == 1 && read.First(result => result.Method == "dmarc").Result == outcome.Dmarc.Word), "what DMARC said can be read again");
    }
}
