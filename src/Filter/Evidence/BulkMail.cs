using System.Text;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Evidence;

/// <summary>Tells mail that a program sends to many, and among it the letters that follow a sign-up.</summary>
internal static class BulkMail
{
    private const int LookedAt = 1000;

    // In a subject these are enough.
    private static readonly Phrases SubjectWords = new(
        "confirm your", "confirm email", "confirm e-mail", "confirm subscription", "subscription confirm", "subscribed", "welcome to", "thank you for signing", "thanks for signing", "thanks for joining",
        "verify your email", "verify your e-mail", "verify email", "activate your", "account activation", "registration", "your new account", "account has been created", "complete your sign",
        "anmeldung", "abonnement bestätigen", "willkommen bei", "bestätigen sie ihre", "registrierung", "inscription", "bienvenue", "confirmez votre", "suscripción", "bienvenido", "confirma tu",
        "inscrição", "bem-vindo", "iscrizione", "benvenuto", "conferma la", "aanmelding", "inschrijving", "welkom bij", "rejestracja", "potwierdź", "подтвердите", "регистрац");

    // In the text only what a newsletter does not say in each of its letters.
    private static readonly Phrases TextWords = new(
        "confirm your subscription", "confirm your email", "confirm your e-mail", "verify your email address", "thanks for signing up", "thank you for signing up", "thank you for subscribing", "thanks for subscribing",
        "activate your account", "complete your registration", "bestätigen sie ihre anmeldung", "bestätigen sie ihre e-mail", "confirmez votre inscription", "confirmez votre adresse", "confirma tu suscripción",
        "confirme sua inscrição", "conferma la tua iscrizione", "bevestig je inschrijving", "bevestig uw inschrijving", "potwierdź subskrypcję", "подтвердите подписку");

    /// <summary>True where the header says that it went to many, or that a program wrote it.</summary>
    internal static bool IsBulk(HeaderFields header)
    {
        if (header.Has("List-Unsubscribe"u8) || header.Has("List-Id"u8) || header.Has("Feedback-ID"u8)) return true;
        if (header.TryGet("Precedence"u8, out var precedence) && (Ascii.EqualsIgnoreCase(precedence, "bulk"u8) || Ascii.EqualsIgnoreCase(precedence, "list"u8))) return true;
        // RFC 3834 §5: anything but "no" was written by a program.
        return header.TryGet("Auto-Submitted"u8, out var automatic) && !Ascii.EqualsIgnoreCase(automatic, "no"u8);
    }

    /// <summary>True for "confirm your subscription" and "welcome": what a burst of sign-ups in somebody's name is made of.</summary>
    internal static bool IsSignUp(MessageUnderJudgement message)
    {
        if (SubjectWords.IsIn(message.Subject)) return true;
        var visible = message.Text.Visible;
        return TextWords.IsIn(visible[..Math.Min(visible.Length, LookedAt)]);
    }
}
