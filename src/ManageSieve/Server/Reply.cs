namespace Sternpost.ManageSieve.Server;

/// <summary>What a command ends with (RFC 5804 §1.2): a status, a response code (§1.3) where there is one, words for the user.</summary>
/// <param name="Status"><c>OK</c>, <c>NO</c> or <c>BYE</c>.</param>
/// <param name="Code">The response code's name; empty for none.</param>
/// <param name="Argument">The string that belongs to the code; null for none.</param>
/// <param name="Text">For people.</param>
internal sealed record Reply(string Status, string Code, string? Argument, string Text)
{
    internal static Reply Ok(string text) => new("OK", "", null, text);

    internal static Reply No(string code, string text) => new("NO", code, null, text);

    internal static Reply No(string text) => No("", text);

    internal static Reply Bye(string text, string code = "") => new("BYE", code, null, text);

    /// <summary>The client did what no good client does.</summary>
    internal static Reply Fault(string text) => new("NO", "", null, text) { IsFault = true };

    internal bool IsFault { get; private init; }

    internal bool Ends => Status == "BYE";
}
