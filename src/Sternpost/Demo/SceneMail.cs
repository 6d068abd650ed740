using System.Net;

namespace Sternpost.Demo;

/// <summary>Where a mail of the scene must end.</summary>
internal enum Ending
{
    Inbox,
    Junk,
    Refused,
}

/// <summary>One mail of the scene: who sends it from where, what it says, and where it must end.</summary>
internal sealed record SceneMail
{
    /// <summary>What kind of mail it is, in a word or two.</summary>
    public required string Title { get; init; }

    /// <summary>The sending host, from the networks RFC 5737 reserves for documentation.</summary>
    public required IPAddress Client { get; init; }

    /// <summary>Its EHLO name.</summary>
    public required string Helo { get; init; }

    /// <summary>The reverse-path.</summary>
    public required string ReversePath { get; init; }

    /// <summary>Header lines apart from Date and Message-ID, LF-ended.</summary>
    public required string Header { get; init; }

    /// <summary>The body, LF-ended.</summary>
    public required string Body { get; init; }

    /// <summary>The domain whose DKIM key signs it, or null.</summary>
    public string? Signer { get; init; }

    /// <summary>The domain after the at sign of its Message-ID.</summary>
    public required string IdDomain { get; init; }

    /// <summary>Where it must end.</summary>
    public required Ending Ending { get; init; }

    /// <summary>The subject, for the printed line.</summary>
    public string Subject => Header.Split('\n').First(line => line.StartsWith("Subject: ", StringComparison.Ordinal))["Subject: ".Length..];
}
