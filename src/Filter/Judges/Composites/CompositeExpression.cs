using System.Globalization;

namespace Sternpost.Filter.Judges.Composites;

/// <summary>
/// An expression over symbols: <c>A &amp; (B | !C) &amp; STATISTICS > 2</c>. A symbol holds where it was found, a comparison where the weights it was
/// found with add up to that. ! binds closest, then &amp;, then |. The text is the administrator's or our own, and bounded all the same.
/// </summary>
internal sealed class CompositeExpression
{
    private const int MaxLength = 2000;
    private const int MaxDepth = 40;

    private readonly Node root;

    private CompositeExpression(Node root) => this.root = root;

    private enum Kind
    {
        Symbol,
        Above,
        Below,
        Not,
        And,
        Or,
    }

    private sealed record Node(Kind Kind, string Symbol = "", double Bound = 0, Node? Left = null, Node? Right = null);

    /// <summary>Symbols it names.</summary>
    internal IEnumerable<string> Symbols => Names(root);

    /// <summary>Reads an expression; answers null and what is wrong where it is none.</summary>
    internal static CompositeExpression? Parse(string text, out string problem)
    {
        var parser = new Parser(text);
        var root = text.Length > MaxLength ? parser.Fail("it is too long") : parser.Whole();
        problem = parser.Problem ?? "";
        return root is null ? null : new CompositeExpression(root);
    }

    /// <summary>Whether it holds; <paramref name="weightOf"/> answers null for a symbol that was not found.</summary>
    internal bool Holds(Func<string, double?> weightOf) => Holds(root, weightOf);

    private static bool Holds(Node node, Func<string, double?> weightOf) => node.Kind switch
    {
        Kind.Symbol => weightOf(node.Symbol) is not null,
        Kind.Above => weightOf(node.Symbol) > node.Bound,
        Kind.Below => weightOf(node.Symbol) < node.Bound,
        Kind.Not => !Holds(node.Left!, weightOf),
        Kind.And => Holds(node.Left!, weightOf) && Holds(node.Right!, weightOf),
        _ => Holds(node.Left!, weightOf) || Holds(node.Right!, weightOf),
    };

    private static IEnumerable<string> Names(Node? node) => node is null ? [] : [.. node.Symbol.Length > 0 ? [node.Symbol] : Array.Empty<string>(), .. Names(node.Left), .. Names(node.Right)];

    private sealed class Parser(string text)
    {
        private int at;
        private int depth;

        internal string? Problem { get; private set; }

        internal Node? Whole()
        {
            var node = Or();
            if (node is null) return null;
            return Peek() == '\0' ? node : Fail($"'{text[at]}' is not expected at place {at + 1}");
        }

        internal Node? Fail(string problem)
        {
            Problem ??= problem;
            return null;
        }

        private Node? Or()
        {
            var left = And();
            while (left is not null && Take('|'))
            {
                left = And() is { } right ? new Node(Kind.Or, Left: left, Right: right) : null;
            }
            return left;
        }

        private Node? And()
        {
            var left = Term();
            while (left is not null && Take('&'))
            {
                left = Term() is { } right ? new Node(Kind.And, Left: left, Right: right) : null;
            }
            return left;
        }

        private Node? Term()
        {
            if (++depth > MaxDepth) return Fail("it is nested too deeply");
            var node = Inner();
            depth--;
            return node;
        }

        private Node? Inner()
        {
            switch (Peek())
            {
                case '!':
                    at++;
                    return Term() is { } denied ? new Node(Kind.Not, Left: denied) : null;
                case '(':
                    at++;
                    if (Or() is not { } inner) return null;
                    if (Peek() != ')') return Fail("a bracket is not closed");
                    at++;
                    return inner;
                default:
                    return Name();
            }
        }

        private Node? Name()
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
            if (at == start) return Fail(at < text.Length ? $"'{text[at]}' is not expected at place {at + 1}" : "a symbol is missing at its end");
            var symbol = text[start..at];
            if (Peek() is not ('>' or '<')) return new Node(Kind.Symbol, symbol);
            var kind = text[at++] == '>' ? Kind.Above : Kind.Below;
            Peek();
            start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is '.' or '-')) at++;
            return double.TryParse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) ? new Node(kind, symbol, bound) : Fail($"a number is missing at place {start + 1}");
        }

        // "&&" and "||" mean the same as the single signs.
        private bool Take(char sign)
        {
            if (Peek() != sign) return false;
            at++;
            if (at < text.Length && text[at] == sign) at++;
            return true;
        }

        private char Peek()
        {
            while (at < text.Length && text[at] == ' ') at++;
            return at < text.Length ? text[at] : '\0';
        }
    }
}
