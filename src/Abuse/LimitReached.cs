namespace Sternpost.Abuse;

/// <summary>A limit that stands in the way.</summary>
/// <param name="Limit">Which one, in words: "hourly limit of alice@example.com".</param>
/// <param name="Allowed">Its figure.</param>
/// <param name="RoomAt">When as many recipients as were asked for fit again; <see cref="DateTimeOffset.MaxValue"/> where they never will.</param>
/// <param name="Explanation">The SMTP reply's text: the limit, the count, and when there is room.</param>
public sealed record LimitReached(string Limit, int Allowed, DateTimeOffset RoomAt, string Explanation);
