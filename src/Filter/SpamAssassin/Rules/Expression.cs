using System.Globalization;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// An expression over rules, as meta rules and conditions in files have it: Perl's operators on numbers, where &amp;&amp; and || give
/// one of their operands. Compiled to a short list of steps for a stack.
/// </summary>
internal sealed class Expression
{
    private const int DeepestNesting = 100;

    private readonly Step[] steps;

    private Expression(Step[] steps, int[] names)
    {
        this.steps = steps;
        Names = names;
    }

    /// <summary>Numbers of the names used, each once.</summary>
    internal int[] Names { get; }

    private enum Operation
    {
        Number,
        Value,
        Not,
        Negate,
        Add,
        Subtract,
        Multiply,
        Divide,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Equal,
        NotEqual,
        And,
        Or,
        ExclusiveOr,
        Choose,
    }

    private readonly record struct Step(Operation Operation, double Number, int Name);

    /// <summary>Reads an expression; <paramref name="number"/> gives each name a number. Null where it is malformed.</summary>
    internal static Expression? Parse(string text, Func<string, int> number)
    {
        var parser = new Parser(text, number);
        return parser.Parse() ? new Expression([.. parser.Steps], [.. parser.Names.Distinct()]) : null;
    }

    /// <summary>The expression's value where name N has the value <c>values[N]</c>.</summary>
    internal double Evaluate(ReadOnlySpan<double> values)
    {
        Span<double> stack = steps.Length <= 256 ? stackalloc double[steps.Length] : new double[steps.Length];
        var top = -1;
        foreach (ref readonly var step in steps.AsSpan())
        {
            switch (step.Operation)
            {
                case Operation.Number: stack[++top] = step.Number; continue;
                case Operation.Value: stack[++top] = values[step.Name]; continue;
                case Operation.Not: stack[top] = stack[top] == 0 ? 1 : 0; continue;
                case Operation.Negate: stack[top] = -stack[top]; continue;
                case Operation.Choose:
                    top -= 2;
                    stack[top] = stack[top] != 0 ? stack[top + 1] : stack[top + 2];
                    continue;
            }
            var (left, right) = (stack[top - 1], stack[top]);
            stack[--top] = step.Operation switch
            {
                Operation.Add => left + right,
                Operation.Subtract => left - right,
                Operation.Multiply => left * right,
                Operation.Divide => right == 0 ? 0 : left / right,
                Operation.Less => left < right ? 1 : 0,
                Operation.LessOrEqual => left <= right ? 1 : 0,
                Operation.Greater => left > right ? 1 : 0,
                Operation.GreaterOrEqual => left >= right ? 1 : 0,
                Operation.Equal => left == right ? 1 : 0,
                Operation.NotEqual => left != right ? 1 : 0,
                Operation.And => left == 0 ? left : right,
                Operation.Or => left != 0 ? left : right,
                _ => (long)left ^ (long)right,
            };
        }
        return top == 0 ? stack[0] : 0;
    }

    /// <summary>Between what the expression's value lies where name N has a value from <c>low[N]</c> to <c>high[N]</c>.</summary>
    internal (double Low, double High) Bounds(ReadOnlySpan<double> low, ReadOnlySpan<double> high)
    {
        Span<Interval> stack = steps.Length <= 128 ? stackalloc Interval[steps.Length] : new Interval[steps.Length];
        var top = -1;
        foreach (ref readonly var step in steps.AsSpan())
        {
            switch (step.Operation)
            {
                case Operation.Number: stack[++top] = new Interval(step.Number, step.Number); continue;
                case Operation.Value: stack[++top] = new Interval(low[step.Name], high[step.Name]); continue;
                case Operation.Not: stack[top] = Interval.Truth(stack[top].IsZero, stack[top].IsNotZero); continue;
                case Operation.Negate: stack[top] = new Interval(-stack[top].High, -stack[top].Low); continue;
                case Operation.Choose:
                    top -= 2;
                    stack[top] = stack[top].IsNotZero ? stack[top + 1] : stack[top].IsZero ? stack[top + 2] : stack[top + 1].With(stack[top + 2]);
                    continue;
            }
            var (left, right) = (stack[top - 1], stack[top]);
            stack[--top] = step.Operation switch
            {
                Operation.Add => new Interval(left.Low + right.Low, left.High + right.High),
                Operation.Subtract => new Interval(left.Low - right.High, left.High - right.Low),
                Operation.Multiply => Interval.Of(left.Low * right.Low, left.Low * right.High, left.High * right.Low, left.High * right.High),
                Operation.Divide => right.IsZero ? default : right.IsPoint ? Interval.Of(left.Low / right.Low, left.High / right.Low, left.Low / right.Low, left.High / right.Low) : Interval.Any,
                Operation.Less => Interval.Truth(left.High < right.Low, left.Low >= right.High),
                Operation.LessOrEqual => Interval.Truth(left.High <= right.Low, left.Low > right.High),
                Operation.Greater => Interval.Truth(left.Low > right.High, left.High <= right.Low),
                Operation.GreaterOrEqual => Interval.Truth(left.Low >= right.High, left.High < right.Low),
                Operation.Equal => Interval.Truth(left.IsPoint && left == right, left.High < right.Low || left.Low > right.High),
                Operation.NotEqual => Interval.Truth(left.High < right.Low || left.Low > right.High, left.IsPoint && left == right),
                Operation.And => left.IsZero ? left : left.IsNotZero ? right : right.With(default),
                Operation.Or => left.IsNotZero ? left : left.IsZero ? right : left.With(right),
                _ => left.IsPoint && right.IsPoint ? new Interval((long)left.Low ^ (long)right.Low, (long)left.Low ^ (long)right.Low) : Interval.Any,
            };
        }
        return top == 0 ? (stack[0].Low, stack[0].High) : (0, 0);
    }

    private readonly record struct Interval(double Low, double High)
    {
        // Rules hit at most some thousand times.
        internal static readonly Interval Any = new(-1e12, 1e12);

        internal bool IsPoint => Low == High;

        internal bool IsZero => Low == 0 && High == 0;

        internal bool IsNotZero => Low > 0 || High < 0;

        internal static Interval Truth(bool surely, bool surelyNot) => surely ? new(1, 1) : surelyNot ? default : new(0, 1);

        internal static Interval Of(double a, double b, double c, double d) => new(Math.Min(Math.Min(a, b), Math.Min(c, d)), Math.Max(Math.Max(a, b), Math.Max(c, d)));

        internal Interval With(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
    }

    private sealed class Parser(string text, Func<string, int> number)
    {
        private int position;
        private int depth;

        internal List<Step> Steps { get; } = [];

        internal List<int> Names { get; } = [];

        internal bool Parse()
        {
            if (text.Length > 64 * 1024 || !Choice()) return false;
            Skip();
            return position == text.Length;
        }

        private bool Choice()
        {
            if (++depth > DeepestNesting || !Binary(0)) return false;
            if (Take("?"))
            {
                if (!Choice() || !Take(":") || !Choice()) return false;
                Steps.Add(new Step(Operation.Choose, 0, 0));
            }
            depth--;
            return true;
        }

        // Loosest first, as perlop lists them.
        private static readonly (string Text, Operation Operation)[][] Levels =
        [
            [("||", Operation.Or)],
            [("&&", Operation.And)],
            [("^", Operation.ExclusiveOr)],
            [("==", Operation.Equal), ("!=", Operation.NotEqual)],
            [("<=", Operation.LessOrEqual), (">=", Operation.GreaterOrEqual), ("<", Operation.Less), (">", Operation.Greater)],
            [("+", Operation.Add), ("-", Operation.Subtract)],
            [("*", Operation.Multiply), ("/", Operation.Divide)],
        ];

        private bool Binary(int level)
        {
            if (level == Levels.Length) return Unary();
            if (!Binary(level + 1)) return false;
            while (true)
            {
                var taken = false;
                foreach (var (symbol, operation) in Levels[level])
                {
                    if (!Take(symbol)) continue;
                    if (!Binary(level + 1)) return false;
                    Steps.Add(new Step(operation, 0, 0));
                    taken = true;
                    break;
                }
                if (!taken) return true;
            }
        }

        private bool Unary()
        {
            if (++depth > DeepestNesting) return false;
            Skip();
            var done = Peek(0) == '!' && Peek(1) != '=' ? Prefixed(Operation.Not) : Peek(0) == '-' ? Prefixed(Operation.Negate) : Peek(0) == '+' ? Plus() : Primary();
            depth--;
            return done;
        }

        private bool Plus()
        {
            position++;
            return Unary();
        }

        private bool Prefixed(Operation operation)
        {
            position++;
            if (!Unary()) return false;
            Steps.Add(new Step(operation, 0, 0));
            return true;
        }

        private bool Primary()
        {
            if (Take("(")) return (Take(")") && Constant(0)) || (Choice() && Take(")"));
            var start = position;
            while (char.IsAsciiDigit(Peek(0)) || Peek(0) == '.') position++;
            if (position > start) return double.TryParse(text.AsSpan(start, position - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && Constant(value);
            while (char.IsAsciiLetterOrDigit(Peek(0)) || Peek(0) == '_') position++;
            if (position == start) return false;
            var name = number(text[start..position]);
            Names.Add(name);
            Steps.Add(new Step(Operation.Value, 0, name));
            return true;
        }

        private bool Constant(double value)
        {
            Steps.Add(new Step(Operation.Number, value, 0));
            return true;
        }

        private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

        private void Skip()
        {
            while (position < text.Length && char.IsWhiteSpace(text[position])) position++;
        }

        private bool Take(string symbol)
        {
            Skip();
            if (string.CompareOrdinal(text, position, symbol, 0, symbol.Length) != 0) return false;
            position += symbol.Length;
            return true;
        }
    }
}
