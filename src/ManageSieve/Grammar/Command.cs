using System.Text;
using System.Text.Unicode;

namespace Sternpost.ManageSieve.Grammar;

/// <summary>A command with its arguments (RFC 5804 §1.2).</summary>
/// <param name="Name">In upper case; empty for a bare string, as an answer within AUTHENTICATE is one.</param>
/// <param name="Arguments">At most <see cref="CommandParser.MostArguments"/>.</param>
internal sealed record Command(string Name, IReadOnlyList<Argument> Arguments);

/// <summary>A string, or a number.</summary>
/// <param name="Octets">Those of a string, without quoting; of a number none.</param>
/// <param name="Number">The number; null for a string.</param>
internal readonly record struct Argument(ReadOnlyMemory<byte> Octets, uint? Number)
{
    internal bool IsString => Number is null;

    /// <summary>A string as text; null where it is not UTF-8, which a literal can hold.</summary>
    internal string? Text => Utf8.IsValid(Octets.Span) ? Encoding.UTF8.GetString(Octets.Span) : null;
}
