namespace Sternpost.Mailboxes.Names;

/// <summary>Unicode normal form C.</summary>
internal static class NormalFormC
{
    internal static string Of(string text) => System.Text.Ascii.IsValid(text) ? text : text.Normalize();
}
