using OtpNet;

namespace Sternpost.Accounts.SecondFactors;

/// <summary>Codes of six digits by time, as every authenticator program makes them: RFC 6238 with its defaults, SHA-1 and steps of thirty seconds.</summary>
internal static class OneTimeCode
{
    // RFC 4226 §4, R6: a secret of 160 bits is recommended.
    private const int SecretOctets = 20;
    private const int Digits = 6;

    // RFC 6238 §5.2: one step of delay, and a clock that is ahead by as much.
    private static readonly VerificationWindow Window = VerificationWindow.RfcSpecifiedNetworkDelay;

    internal static byte[] NewSecret() => KeyGeneration.GenerateRandomKey(SecretOctets);

    internal static string Text(byte[] secret) => Base32Encoding.ToString(secret);

    /// <summary>Whether a code is one of now, and of which time step; spaces that people type do not matter.</summary>
    internal static bool TryFind(byte[] secret, string typed, DateTimeOffset now, out long step)
    {
        step = 0;
        var code = string.Concat(typed.Where(c => c != ' '));
        return code.Length == Digits && code.All(char.IsAsciiDigit) && new Totp(secret).VerifyTotp(now.UtcDateTime, code, out step, Window);
    }
}
