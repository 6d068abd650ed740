namespace Sternpost.Abuse.Limits;

/// <summary>A limit that stands in the way.</summary>
/// <param name="Limit">Which one, in words: "hourly limit of alice@example.com".</param>
/// <param name="Allowed">Its figure.</param>
/// <param name="RoomAt">When as much as was asked for fits again; <see cref="DateTimeOffset.MaxValue"/> where it never will.</param>
/// <param name="Explanation">The SMTP reply's text: the limit, the count, and when there is room.</param>
public sealed record LimitReached(string Limit, long Allowed, DateTimeOffset RoomAt, string Explanation)
{
    /// <summary>True where waiting does not help: the message alone is too much.</summary>
    public bool IsForGood => RoomAt == DateTimeOffset.MaxValue;
}
