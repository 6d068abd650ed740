using System.Buffers;
using System.Text;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Evidence;

/// <summary>Tells mail that a program sends to many, and among it the letters that follow a sign-up.</summary>
internal static class BulkMail
{
    private const int LookedAt = 1500;

    private static readonly SearchValues<string> SignUpWords = SearchValues.Create(
    [
        "confirm your", "confirm email", "confirm e-mail", "subscription", "subscribing", "subscribed", "newsletter", "welcome to", "thank you for signing", "thanks for signing", "thanks for joining",
        "verify your email", "verify your e-mail", "verify email", "activate your", "activation", "registration", "your new account", "account has been created", "complete your sign",
        "anmeldung", "abonnement", "abonniert", "willkommen", "bestätigen sie", "registrierung", "inscription", "abonnement", "bienvenue", "confirmez", "suscripción", "bienvenido", "confirma tu",
        "inscrição", "bem-vindo", "iscrizione", "benvenuto", "conferma", "aanmelding", "inschrijving", "welkom", "rejestracja", "potwierdź", "подпис", "регистрац", "подтвердите",
    ], StringComparison.OrdinalIgnoreCase);

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
        if (message.Subject.AsSpan().ContainsAny(SignUpWords)) return true;
        var visible = message.Text.Visible;
        return visible[..Math.Min(visible.Length, LookedAt)].ContainsAny(SignUpWords);
    }
}
