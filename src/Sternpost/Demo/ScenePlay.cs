using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Dialogue;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Demo;

/// <summary>
/// Plays the scene: each mail is written, signed where its sender signs, and sent by SMTP from the address its sender would have, which PROXY
/// protocol tells the server. Then IMAP shows where it lies and what the server wrote into it.
/// </summary>
internal sealed class ScenePlay(SceneWorld world, IPEndPoint proxiedDoor, int imapsPort, X509Certificate2 authority, DemoAccount reader, IReadOnlyDictionary<string, string> meanings)
{
    private const string Inbox = "INBOX";
    private const string Junk = "Junk";
    private const string StatisticsSymbol = "STATISTICS";
    private const string AuthenticatedSymbol = "DMARC_PASS";

    /// <summary>Sends one mail and looks what became of it.</summary>
    public async Task<SceneResult> PlayAsync(SceneMail mail, CancellationToken cancellation)
    {
        var messageId = $"<{RandomNumberGenerator.GetHexString(16, lowercase: true)}@{mail.IdDomain}>";
        var message = Write(mail, messageId);
        using var smtp = await SmtpDialogue.OpenAsync(proxiedDoor, mail.Helo, new IPEndPoint(mail.Client, RandomNumberGenerator.GetInt32(20_000, 60_000)), cancellation);
        var reply = await smtp.SendMessageAsync(mail.ReversePath, reader.Address, SmtpDialogue.Dotted(message), cancellation);
        await smtp.QuitAsync(cancellation);
        return reply.IsPositive ? await LookAsync(mail, messageId, cancellation) : new SceneResult(mail, Ending.Refused, $"reject, {reply.Code}", FirstSentence(reply.Text));
    }

    private async Task<SceneResult> LookAsync(SceneMail mail, string messageId, CancellationToken cancellation)
    {
        await using var imap = await ImapDialogue.OpenAsync(imapsPort, authority, reader.Address, reader.Password, cancellation);
        foreach (var (folder, ending) in ((string, Ending)[])[(Inbox, Ending.Inbox), (Junk, Ending.Junk)])
        {
            if (await imap.FindAsync(folder, messageId, cancellation) is not { } uid) continue;
            var (verdict, reason) = Explain(await imap.HeaderFieldAsync(uid, "X-Sternpost-Verdict", cancellation));
            return new SceneResult(mail, ending, verdict, reason);
        }
        return new SceneResult(mail, null, "accepted", "but it lies in no folder");
    }

    // "junk, score 7.1 (SYMBOL 5.0, OTHER -1.0), reference …": the weightiest finding that points the way of the verdict is the reason.
    private (string Verdict, string Reason) Explain(string field)
    {
        var words = field.Split([' ', ',', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var disposition, "score", var score, ..]) return (field, "");
        var wanted = disposition == "accept";
        var findings = new List<(string Symbol, double Weight)>();
        for (var i = 3; i + 1 < words.Length && double.TryParse(words[i + 1], CultureInfo.InvariantCulture, out var weight); i += 2) findings.Add((words[i], weight));
        var telling = findings.FirstOrDefault(finding => wanted ? finding.Weight < 0 : finding.Weight > 0).Symbol
            ?? findings.FirstOrDefault(finding => wanted && finding.Symbol == AuthenticatedSymbol).Symbol;
        if (telling == StatisticsSymbol) return ($"{disposition}, {score}", wanted ? "Its words and form are those of wanted mail." : "Its words and form are those of spam.");
        return ($"{disposition}, {score}", telling is null ? "Nothing weighty speaks against it." : meanings.GetValueOrDefault(telling, telling));
    }

    // What is for the sender's program and for the sender goes: the line is for somebody who looks on.
    private static string FirstSentence(string reply)
    {
        var text = reply.StartsWith("5.", StringComparison.Ordinal) ? reply[(reply.IndexOf(' ', StringComparison.Ordinal) + 1)..] : reply;
        var advice = text.IndexOf(" If the message is wanted", StringComparison.Ordinal);
        return advice < 0 ? text : text[..advice];
    }

    private byte[] Write(SceneMail mail, string messageId)
    {
        var header = $"Date: {DateTimeOffset.UtcNow.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000\nMessage-ID: {messageId}\n{mail.Header.ReplaceLineEndings("\n")}";
        var text = Encoding.UTF8.GetBytes((header.TrimEnd('\n') + "\n\n" + mail.Body.ReplaceLineEndings("\n")).Replace("\n", "\r\n", StringComparison.Ordinal));
        return mail.Signer is null ? text : [.. DkimSigner.Sign(text, world.Key(mail.Signer), DateTimeOffset.UtcNow), .. text];
    }
}
