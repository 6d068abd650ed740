using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>
/// Links in QR codes. Tickets, invoices and posters have them as well; an honest sender who wants the reader to sign in writes a link, and
/// one that leads to himself.
/// </summary>
internal sealed class CodeLinkJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol Code = new("QR_LINK", 0.2, "A picture in the message is a QR code with a web address.");
    private static readonly Symbol Account = new("QR_LINK_SIGN_IN", 2.8, "A QR code leads to somebody else than the sender, and the message is about an account, a document or a payment.");

    private const int LookedAt = 6000;

    private static readonly Phrases Scanning = new(
        "scan", "qr code", "qr-code", "qrcode", "your phone", "your mobile", "smartphone", "camera", "scannen", "einscannen", "handy", "scannez", "téléphone", "escanee", "escanea", "código qr", "scansiona", "codice qr", "digitalize", "扫描", "扫码", "二维码", "сканир");

    private static readonly Phrases Accounts = new(
        "authenticat", "two-factor", "2fa", "mfa", "multi-factor", "password", "passcode", "sign in", "sign-in", "log in", "login", "verify your", "verification", "security update", "account", "mailbox", "expire", "suspend", "payroll", "salary", "remittance", "direct deposit",
        "bonus", "appraisal", "handbook", "docusign", "e-sign", "signature", "review and sign", "shared document", "secure document", "voicemail", "voice message", "wallet", "refund", "delivery fee", "customs fee",
        "passwort", "anmelden", "konto", "bestätigen", "sicherheit", "gehalt", "photoTAN", "mot de passe", "compte", "vérifi", "contraseña", "cuenta", "verific", "conta", "senha", "账户", "账号", "密码", "补贴", "工资", "пароль");

    public override string Name => "code-links";

    public override IReadOnlyList<Symbol> Symbols => [Code, Account];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var codes = message.Carried(options.Attachments).Codes;
        if (codes.Count == 0) return [];
        foreach (var code in codes)
        {
            if (message.From.Domain.Length > 0 && RelatedDomains.Same(code.Host, message.From.Domain)) continue;
            var text = string.Concat(message.Subject, "\n", message.Words(options.Attachments, LookedAt));
            if (Scanning.IsIn(text) && Accounts.IsIn(text)) return [Account.Found($"A QR code leads to {code.Host}, which is not the sender's, and the message is about an account, a document or a payment.")];
        }
        return [Code.Found($"A picture is a QR code that leads to {codes[0].Host}.")];
    }
}
