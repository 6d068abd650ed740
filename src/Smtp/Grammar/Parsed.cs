using System.Diagnostics.CodeAnalysis;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>What a parser came to: a value, or the reply that says what is wrong with the text.</summary>
internal readonly struct Parsed<T>
{
    private readonly T? value;

    private Parsed(T? value, Reply? refusal)
    {
        this.value = value;
        Refusal = refusal;
    }

    /// <summary>The value; meaningful unless <see cref="IsRefused"/>.</summary>
    internal T Value => value!;

    /// <summary>The reply that refuses the command, or null.</summary>
    internal Reply? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    internal bool IsRefused => Refusal is not null;

    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static implicit operator Parsed<T>(Reply refusal) => new(default, refusal);
}
