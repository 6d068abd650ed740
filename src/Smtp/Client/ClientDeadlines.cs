namespace Sternpost.Smtp.Client;

/// <summary>How long each step of an outgoing session may take. The defaults are the minima of RFC 5321 §4.5.3.2.</summary>
public sealed record ClientDeadlines
{
    /// <summary>For TCP to connect. Default 30 seconds.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>For the greeting. Default 5 minutes.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>For EHLO, STARTTLS, AUTH, MAIL, RCPT and RSET. Default 5 minutes.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>For a TLS handshake. Default 1 minute.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromMinutes(1);
    /// <summary>For the go-ahead after DATA. Default 2 minutes.</summary>
    public TimeSpan DataInitiation { get; init; } = TimeSpan.FromMinutes(2);
    /// <summary>For each block of the message to be taken. Default 3 minutes.</summary>
    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);
    /// <summary>For the reply to the final dot. Default 10 minutes: hanging up earlier makes duplicates (RFC 1047).</summary>
    public TimeSpan DataTermination { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>For everything from MAIL to the final dot together, so that a server that is slow at every step holds nobody for a day. Default 2 hours.</summary>
    public TimeSpan Transaction { get; init; } = TimeSpan.FromHours(2);
    /// <summary>For the goodbye. Default 5 seconds; nothing depends on it.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);
}
