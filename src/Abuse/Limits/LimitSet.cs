namespace Sternpost.Abuse.Limits;

/// <summary>The bounds of one limit; 0 means none.</summary>
/// <param name="Soft">Beyond it mail is held.</param>
/// <param name="Hard">Beyond it mail is refused.</param>
public readonly record struct Bounds(long Soft, long Hard);

/// <summary>All limits of one layer. Immutable.</summary>
public sealed class LimitSet
{
    private const int Size = 18;

    private readonly Bounds[] bounds;

    private LimitSet(Bounds[] bounds) => this.bounds = bounds;

    /// <summary>No limit at all.</summary>
    public static LimitSet None { get; } = new(new Bounds[Size]);

    /// <summary>The bounds of one limit.</summary>
    public Bounds this[LimitName name] => bounds[name.Index];

    /// <summary>The same with one limit set; a null leaves that bound as it is.</summary>
    public LimitSet With(LimitName name, long? soft, long? hard)
    {
        var changed = (Bounds[])bounds.Clone();
        var before = changed[name.Index];
        changed[name.Index] = new Bounds(soft ?? before.Soft, hard ?? before.Hard);
        return new LimitSet(changed);
    }
}
