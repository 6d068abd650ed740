namespace Sternpost.Abuse.Alerts;

/// <summary>Something the administrator should know now.</summary>
/// <param name="Kind">A word for machines: "account-contained".</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Plain text: what happened, what was done, what to do next.</param>
public sealed record Alert(string Kind, string Subject, string Body);

/// <summary>Tells the administrator, by whatever ways the configuration names.</summary>
public interface IAlerts
{
    /// <summary>Raises an alert inside the caller's transaction, so that it is sent exactly when what it is about is kept.</summary>
    void Raise(Storage.Sql sql, Alert alert);

    /// <summary>Raises an alert by itself; completes when it cannot be lost any more.</summary>
    ValueTask RaiseAsync(Alert alert, CancellationToken cancellation);
}

/// <summary>One way to tell the administrator.</summary>
public interface IAlertWay
{
    /// <summary>Its name, for the log and for knowing which ways are done.</summary>
    string Name { get; }

    /// <summary>Sends; null where it was taken, else why not. Must end within the token's time.</summary>
    ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation);
}
