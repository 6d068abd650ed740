namespace Sternpost.Sieve.Running;

/// <summary>Where an included script is (RFC 6609 §3.1).</summary>
public enum ScriptLocation
{
    /// <summary>Among the user's own.</summary>
    Personal,
    /// <summary>Among the administrator's.</summary>
    Global,
}

/// <summary>What a running script asks of the server around it. Answers at once: whoever runs scripts has looked before.</summary>
public interface ISieveHost
{
    /// <summary>The moment of this run, in the user's time zone.</summary>
    DateTimeOffset Now { get; }

    /// <summary>The SMTP sender; null for the null sender.</summary>
    string? EnvelopeFrom { get; }

    /// <summary>The recipient this is for.</summary>
    string? EnvelopeTo { get; }

    /// <summary>Who signed in to send it (envelope-part <c>auth</c>); null without.</summary>
    string? EnvelopeAuth { get; }

    /// <summary>What separates the user from the detail of an address (RFC 5233), such as "+".</summary>
    string DetailSeparators { get; }

    /// <summary>Whether the user could deliver into this mailbox now (RFC 5490 §3.1).</summary>
    bool MailboxExists(string mailbox);

    /// <summary>Whether there is a mailbox of this special use (RFC 8579 §3.1), or whether the one named has it.</summary>
    bool SpecialUseExists(string? mailbox, string use);

    /// <summary>An item of the environment (RFC 5183); null where it is not known.</summary>
    string? Environment(string name);

    /// <summary>
    /// Whether this was seen before (RFC 7352); remembers it for <paramref name="keep"/> once the run has ended well.
    /// <paramref name="last"/> counts the time from the last sight rather than the first.
    /// </summary>
    bool IsDuplicate(string handle, string id, TimeSpan keep, bool last);

    /// <summary>How much of spam the message is, 0 (not tested), 1 (clean) to 10 (RFC 5235 §2); and in percent for <c>:percent</c>.</summary>
    (int Score, int? Percent) Spam { get; }

    /// <summary>What a virus scanner said: 0 (not tested), 1 (clean), 2 (cured), 3, 4, 5 (RFC 5235 §3).</summary>
    int Virus { get; }

    /// <summary>Fields a script must neither add nor remove (RFC 5293 §6), beside those the language protects.</summary>
    bool IsProtectedField(string name);
}
