using System.Globalization;
using System.Text;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Writes a pattern as .NET reads it. Modifiers are worked into the sets, so the text needs no options; only groups that somebody
/// looks at capture. .NET numbers named groups after the others, so all that capture are named.
/// </summary>
internal sealed class PatternWriter
{
    private readonly StringBuilder target = new();
    private readonly HashSet<string> referenced = [];
    private readonly bool captures;

    private PatternWriter(bool captures) => this.captures = captures;

    /// <summary>The .NET text; with <paramref name="captures"/> group N is named gN, or by its own name.</summary>
    internal static string Write(PatternNode root, bool captures = false)
    {
        var writer = new PatternWriter(captures);
        writer.Collect(root);
        writer.Append(root);
        return writer.target.ToString();
    }

    private void Collect(PatternNode node)
    {
        switch (node)
        {
            case SequenceNode sequence: foreach (var part in sequence.Parts) Collect(part); break;
            case AlternationNode alternation: foreach (var branch in alternation.Branches) Collect(branch); break;
            case RepeatNode repeat: Collect(repeat.Part); break;
            case CaptureNode capture: Collect(capture.Part); break;
            case AtomicNode atomic: Collect(atomic.Part); break;
            case LookNode look: Collect(look.Part); break;
            case BackreferenceNode reference: referenced.Add(reference.Group); break;
            case ConditionNode condition:
                referenced.Add(condition.Group);
                Collect(condition.Yes);
                Collect(condition.No);
                break;
        }
    }

    private void Append(PatternNode node)
    {
        switch (node)
        {
            case OctetNode octet: octet.Set.AppendTo(target); break;
            case SequenceNode sequence:
                foreach (var part in sequence.Parts) AppendInSequence(part);
                break;
            case AlternationNode alternation:
                for (var i = 0; i < alternation.Branches.Count; i++)
                {
                    if (i > 0) target.Append('|');
                    Append(alternation.Branches[i]);
                }
                break;
            case RepeatNode repeat: AppendRepeat(repeat); break;
            case CaptureNode capture: AppendCapture(capture); break;
            case AtomicNode atomic: AppendGroup("(?>", atomic.Part); break;
            case LookNode look: AppendGroup((look.Behind, look.Negative) switch { (false, false) => "(?=", (false, true) => "(?!", (true, false) => "(?<=", _ => "(?<!" }, look.Part); break;
            case AnchorNode anchor: target.Append(anchor.Text); break;
            case BackreferenceNode reference:
                target.Append(reference.IgnoreCase ? "(?i:\\k<" : "\\k<").Append(NameOf(reference.Group)).Append(reference.IgnoreCase ? ">)" : ">");
                break;
            case ConditionNode condition:
                target.Append("(?(").Append(NameOf(condition.Group)).Append(')');
                AppendGroup("(?:", condition.Yes);
                target.Append('|');
                AppendGroup("(?:", condition.No);
                target.Append(')');
                break;
        }
    }

    private static string NameOf(string group) => char.IsAsciiDigit(group[0]) ? "g" + group : group;

    private void AppendGroup(string open, PatternNode inner)
    {
        target.Append(open);
        Append(inner);
        target.Append(')');
    }

    private void AppendInSequence(PatternNode part)
    {
        if (part is AlternationNode) AppendGroup("(?:", part);
        else Append(part);
    }

    private void AppendCapture(CaptureNode capture)
    {
        var number = capture.Number.ToString(CultureInfo.InvariantCulture);
        var wanted = captures || referenced.Contains(number) || (capture.Name is not null && referenced.Contains(capture.Name));
        // A reference by number to a group that has a name would look for the number.
        var name = capture.Name is not null && !referenced.Contains(number) ? capture.Name : "g" + number;
        AppendGroup(wanted ? $"(?<{name}>" : "(?:", capture.Part);
    }

    private void AppendRepeat(RepeatNode repeat)
    {
        if (repeat.Manner == RepeatManner.Possessive) target.Append("(?>");
        if (repeat.Part is OctetNode or CaptureNode or AtomicNode or BackreferenceNode) Append(repeat.Part);
        else AppendGroup("(?:", repeat.Part);
        target.Append((repeat.Least, repeat.Most) switch
        {
            (0, -1) => "*",
            (1, -1) => "+",
            (0, 1) => "?",
            (var least, -1) => $"{{{least},}}",
            var (least, most) when least == most => $"{{{least}}}",
            var (least, most) => $"{{{least},{most}}}",
        });
        // .NET never comes back from some lazy loops around what may be empty, as (?:(?:b*)+?)?, its time limit or not. Greedy they match the same texts.
        if (repeat.Manner == RepeatManner.Lazy && !PatternLanguage.MayBeEmpty(repeat.Part)) target.Append('?');
        if (repeat.Manner == RepeatManner.Possessive) target.Append(')');
    }
}
