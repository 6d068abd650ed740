namespace Sternpost.Fronts;

/// <summary>Short random ids that join a log line, a header and what the asking server says to its sender.</summary>
internal static class FrontReference
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    internal static string New() => System.Security.Cryptography.RandomNumberGenerator.GetString(Alphabet, 10);
}
