using System.Diagnostics.CodeAnalysis;

namespace Sternpost.Abuse.Limits;

/// <summary>Which limit: a measure over a span, written <c>external-per-hour</c>.</summary>
public readonly record struct LimitName(Measure Measure, Span Span)
{
    /// <summary>Every limit there is. Of one message nothing but recipients can be counted.</summary>
    public static IReadOnlyList<LimitName> All { get; } =
    [
        .. from measure in Enum.GetValues<Measure>()
           from span in Enum.GetValues<Span>()
           where span != Span.Message || measure is not (Measure.Messages or Measure.Automatic)
           select new LimitName(measure, span),
    ];

    /// <summary>True where a soft limit can be kept: mail that stays here is not held, since it does not pass through the queue.</summary>
    public bool MayBeSoft => Measure is not Measure.Internal;

    /// <summary>Its place in a table of all.</summary>
    internal int Index => ((int)Measure * 3) + (int)Span;

    /// <summary>Reads <c>external-per-hour</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LimitName? name)
    {
        name = null;
        foreach (var known in All) if (known.ToString() == text) name = known;
        return name is not null;
    }

    /// <summary>As administrators write it.</summary>
    public override string ToString() => $"{Measure.ToString().ToLowerInvariant()}-per-{Span.ToString().ToLowerInvariant()}";

    /// <summary>What is counted, in the plural, for people.</summary>
    internal string Nouns => Measure switch
    {
        Measure.Messages => "messages",
        Measure.External => "outside recipients",
        Measure.New => "outside recipients never written to before",
        Measure.Internal => "recipients on this server",
        Measure.Automatic => "recipients of automatic replies",
        _ => "recipients",
    };

    internal string Adjective => Span switch { Span.Hour => "hourly", Span.Day => "daily", _ => "per-message" };
}
