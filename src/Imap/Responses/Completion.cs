namespace Sternpost.Imap.Responses;

/// <summary>The tagged response that ends a command (RFC 9051 §7.1): OK, NO or BAD, a response code without brackets where one helps, and a sentence.</summary>
internal readonly record struct Completion(string Status, string? Code, string Text)
{
    internal static Completion Ok(string text) => new("OK", null, text);

    internal static Completion Ok(string code, string text) => new("OK", code, text);

    internal static Completion No(string text) => new("NO", null, text);

    internal static Completion No(string code, string text) => new("NO", code, text);

    internal static Completion Bad(string text) => new("BAD", null, text);

    internal bool IsOk => Status == "OK";

    internal bool IsBad => Status == "BAD";

    /// <summary>The line after the tag.</summary>
    public override string ToString() => Code is null ? $"{Status} {Text}" : $"{Status} [{Code}] {Text}";
}
