using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sternpost.Messages.Addresses;

namespace Sternpost.Web.Account;

/// <summary>A rule of sorting, as the form has it.</summary>
/// <param name="Field">What is looked at: from, to, subject or list.</param>
/// <param name="Text">What it must hold, whatever its capital letters.</param>
/// <param name="Action">What is done: file, trash, star, read or forward.</param>
/// <param name="Folder">Where it is filed; empty for other actions.</param>
/// <param name="Stops">No rule below is looked at then.</param>
/// <param name="Target">The address a copy is sent on to; null for other actions.</param>
internal sealed record MailRule(string Field, string Text, string Action, string Folder, bool Stops, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Target = null);

/// <summary>
/// Rules of the form as a Sieve script, and back: a comment holds the rules as they were said, and where the rest is not what these rules make, somebody changed
/// the script by hand, which the form then does not pretend to understand.
/// </summary>
internal static class RuleScript
{
    public const int MostRules = 100;

    private const int LongestText = 200;
    private const string Mark = "# rules ";

    private static readonly Dictionary<string, string> Fields = new() { ["from"] = "\"from\"", ["to"] = "[\"to\", \"cc\"]", ["subject"] = "\"subject\"", ["list"] = "\"list-id\"" };

    /// <summary>Why a rule cannot be one; null where it can.</summary>
    public static string? Problem(MailRule rule)
    {
        if (!Fields.ContainsKey(rule.Field) || rule.Action is not ("file" or "trash" or "star" or "read" or "forward") || (rule.Target is not null) != (rule.Action == "forward")) return "There is no such rule.";
        if (rule.Text.Trim().Length == 0) return "Say what to look for: a rule for nothing would be a rule for everything.";
        if (rule.Text.Length > LongestText || rule.Folder.Length > LongestText || (rule.Text + rule.Folder).Any(char.IsControl)) return $"A rule holds at most {LongestText} characters, and no line breaks.";
        if (rule.Action == "forward" && !EmailAddress.TryParse(rule.Target, out _)) return "Choose the address.";
        return rule.Action == "file" && rule.Folder.Length == 0 ? "Choose the folder." : null;
    }

    /// <summary>The script of some rules.</summary>
    public static byte[] Write(IReadOnlyList<MailRule> rules)
    {
        var script = new StringBuilder();
        script.Append("# Made by the webmail's settings. What is changed here by hand counts, until the rules are changed there.\r\n");
        script.Append(Mark).Append(Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(rules, JsonSerializerOptions.Web))).Append("\r\n");
        script.Append(rules.Any(rule => rule.Action == "forward") ? "require [\"fileinto\", \"imap4flags\", \"special-use\", \"copy\"];\r\n" : "require [\"fileinto\", \"imap4flags\", \"special-use\"];\r\n");
        foreach (var rule in rules)
        {
            script.Append("\r\nif header :contains ").Append(Fields[rule.Field]).Append(' ').Append(Quoted(rule.Text.Trim())).Append(" {\r\n    ");
            script.Append(rule.Action switch
            {
                "file" => $"fileinto {Quoted(rule.Folder)};",
                "trash" => "fileinto :specialuse \"\\\\Trash\" \"Trash\";",
                // RFC 3894: the message stays where the other rules put it.
                "forward" => $"redirect :copy {Quoted(rule.Target!)};",
                "star" => "addflag \"\\\\Flagged\";",
                _ => "addflag \"\\\\Seen\";",
            });
            script.Append(rule.Stops ? "\r\n    stop;\r\n}\r\n" : "\r\n}\r\n");
        }
        return Encoding.UTF8.GetBytes(script.ToString());
    }

    /// <summary>The rules of a script; null where it is not one that <see cref="Write"/> made.</summary>
    public static IReadOnlyList<MailRule>? Read(ReadOnlySpan<byte> script)
    {
        var text = Encoding.UTF8.GetString(script);
        var start = text.IndexOf(Mark, StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf("\r\n", start, StringComparison.Ordinal);
        if (end < 0) return null;
        try
        {
            var rules = JsonSerializer.Deserialize<List<MailRule>>(Convert.FromBase64String(text[(start + Mark.Length)..end]), JsonSerializerOptions.Web);
            return rules is { Count: <= MostRules } && rules.TrueForAll(rule => rule is { Field: not null, Text: not null, Action: not null, Folder: not null } && Problem(rule) is null) && script.SequenceEqual(Write(rules)) ? rules : null;
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return null;
        }
    }

    // RFC 5228 §2.4.2: a backslash and a quote are quoted by a backslash, and nothing else is.
    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
