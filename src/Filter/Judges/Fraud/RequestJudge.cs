using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Fraud;

/// <summary>
/// What impostors ask for: money by a way that cannot be called back, gift cards, another bank account, a code that came by message.
/// Honest people ask for some of it as well, so alone it weighs little; with a stranger or a false name beside it, the composites
/// weigh more.
/// </summary>
internal sealed class RequestJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol Money = new("ASKS_MONEY", 0.3, "The message asks that money be sent.");
    private static readonly Symbol GiftCards = new("ASKS_GIFT_CARDS", 1.5, "The message asks that gift cards be bought and their codes sent.");
    private static readonly Symbol BankDetails = new("BANK_DETAILS_CHANGED", 0.8, "The message says that payments shall go to another bank account from now on.");
    private static readonly Symbol Code = new("ASKS_CODE", 1.2, "The message asks for a code or a password that the reader should tell nobody.");

    private const int LookedAt = 4000;

    private static readonly Phrases MoneyWords = new(
        "western union", "moneygram", "wire transfer", "send the money", "transfer the money", "bank transfer to", "process a payment", "urgent payment", "pay the fee", "processing fee", "clearance fee", "small loan", "lend me",
        "überweisen sie", "bitte überweise", "virement urgent", "faire un virement", "transferencia urgente", "bonifico urgente", "transferência urgente");

    private static readonly Phrases Cards = new(
        "gift card", "giftcard", "itunes card", "steam card", "google play card", "amazon card", "ebay card", "geschenkkarte", "carte cadeau", "tarjeta de regalo");

    private static readonly Phrases Scratch = new(
        "scratch", "send me the code", "send the code", "picture of the", "photo of the", "back of the card", "the pins", "email me the", "get some", "purchase some", "buy some", "need you to get", "need you to buy", "need you to purchase", "codes to me", "i will reimburse", "i'll reimburse");

    private static readonly PhraseCount NewAccount = new(
        ["bank account", "account details", "bank details", "banking details", "banking information", "direct deposit", "payroll", "bankverbindung", "coordonnées bancaires", "datos bancarios", "coordinate bancarie", "iban"],
        ["has changed", "have changed", "been changed", "changed my", "changed our", "change my", "update my", "new account", "new bank", "updated bank", "no longer use", "under audit", "hat sich geändert", "neue bankverbindung", "nouveau compte", "nueva cuenta", "nuovo conto"],
        ["payment", "invoice", "remit", "salary", "next pay", "payday", "outstanding", "rechnung", "zahlung", "facture", "paiement", "factura", "pago", "fattura", "pagamento"]);

    private static readonly Phrases CodeRequests = new(
        "send me the code you", "forward me the code", "forward the code", "share the code", "tell me the code", "reply with the code", "reply with your code", "send us the code", "reply with your password", "send us your password",
        "provide your password", "reply with your username", "confirm your password by reply", "send me the verification code", "give me the code", "schick mir den code", "leite mir den code", "envoie-moi le code", "envíame el código", "mandami il codice");

    public override string Name => "requests";

    public override IReadOnlyList<Symbol> Symbols => [Money, GiftCards, BankDetails, Code];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        // What goes to many is an offer; these letters are written to one.
        if (message.Header.Has("List-Unsubscribe"u8) || message.Header.Has("List-Id"u8)) return [];
        var text = message.Words(options.Attachments, LookedAt);
        List<Finding>? findings = null;
        if (Cards.IsIn(text) && Scratch.IsIn(text)) (findings ??= []).Add(GiftCards.Found());
        else if (MoneyWords.IsIn(text)) (findings ??= []).Add(Money.Found());
        if (NewAccount.In(text) == 3 && text.Length < 2500) (findings ??= []).Add(BankDetails.Found());
        if (CodeRequests.IsIn(text)) (findings ??= []).Add(Code.Found());
        return findings ?? (IReadOnlyList<Finding>)[];
    }
}
