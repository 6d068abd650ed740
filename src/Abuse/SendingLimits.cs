using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Abuse;

/// <summary>How many recipients may be written to; 0 means no limit.</summary>
public sealed record SendingLimitOptions
{
    /// <summary>Recipients per account per hour.</summary>
    public int AccountPerHour { get; init; } = 200;
    /// <summary>Recipients per account per day.</summary>
    public int AccountPerDay { get; init; } = 1000;
    /// <summary>Recipients per domain per hour.</summary>
    public int DomainPerHour { get; init; } = 2000;
    /// <summary>Recipients per domain per day.</summary>
    public int DomainPerDay { get; init; } = 10000;
}

/// <summary>A limit that stands in the way: which, its figure, and when there is room again. <paramref name="Explanation"/> is the SMTP reply's text.</summary>
public sealed record LimitReached(string Limit, int Allowed, DateTimeOffset RoomAt, string Explanation);

/// <summary>Counts what accounts and domains send, durably, in sliding windows of an hour and a day.</summary>
public sealed class SendingLimits(Database database, SendingLimitOptions options, TimeProvider time)
{
    /// <summary>Whether <paramref name="recipients"/> more may be sent now; null where they may. Called at RCPT; counts nothing.</summary>
    public ValueTask<LimitReached?> CheckAsync(Account sender, int recipients, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Counts inside the transaction that accepts the message, so that no count is lost or doubled.</summary>
    public void Count(Sql sql, Account sender, int recipients) => throw new NotImplementedException();
}
