using System.Security.Cryptography;

namespace Sternpost.Fuzz.Engine;

/// <summary>Something a parser must not do.</summary>
/// <param name="Kind">An exception's type, "slow", "allocates".</param>
/// <param name="Text">What happened.</param>
/// <param name="Input">By what.</param>
internal sealed record Finding(string Kind, string Text, byte[] Input)
{
    /// <summary>What tells findings apart: one cause is reported once.</summary>
    internal string Cause => Kind + (Kind == nameof(LawBroken) ? Text.Split('\n')[0] : "") + Text.Split('\n').FirstOrDefault(line => line.Contains("   at Sternpost.", StringComparison.Ordinal) && !line.Contains("Sternpost.Fuzz", StringComparison.Ordinal));

    /// <summary>Keeps an input, with the text beside it; gives its path.</summary>
    internal static string Save(string folder, byte[] input, string text)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "finding-" + Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(path, input);
        File.WriteAllText(path + ".txt", text);
        return path;
    }

    public override string ToString() => $"{Kind}: {Text}";
}
