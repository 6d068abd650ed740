using Sternpost.Messages.Addresses;

namespace Sternpost.Sieve.Actions;

/// <summary>Something a script wants done with a message.</summary>
/// <param name="Line">Where the script says so; 0 for the implicit keep.</param>
public abstract record SieveAction(int Line)
{
    /// <summary>The word for it in traces and tests.</summary>
    public abstract string Name { get; }

    /// <summary>The message's header as the script had made it by then; null where it is as it came.</summary>
    internal Running.EditedHeader? Header { get; init; }
}

/// <summary>Put the message where it goes by itself: the inbox (RFC 5228 §4.3).</summary>
public sealed record KeepAction(int Line, IReadOnlyList<string> Flags) : SieveAction(Line)
{
    /// <inheritdoc/>
    public override string Name => "keep";
}

/// <summary>Put the message into a mailbox (RFC 5228 §4.1).</summary>
/// <param name="Line">Where.</param>
/// <param name="Mailbox">Its name in Unicode, with the server's separator.</param>
/// <param name="Flags">IMAP flags and keywords it is stored with.</param>
/// <param name="Create">Make the mailbox where it is missing (RFC 5490 §3.2).</param>
/// <param name="SpecialUse">The mailbox of this use is meant where there is one (RFC 8579 §4), such as <c>\Junk</c>; null without.</param>
public sealed record FileIntoAction(int Line, string Mailbox, IReadOnlyList<string> Flags, bool Create, string? SpecialUse) : SieveAction(Line)
{
    /// <inheritdoc/>
    public override string Name => "store";
}

/// <summary>Send the message on (RFC 5228 §4.2).</summary>
public sealed record RedirectAction(int Line, EmailAddress Address) : SieveAction(Line)
{
    /// <inheritdoc/>
    public override string Name => "redirect";
}

/// <summary>Throw the message away (RFC 5228 §4.4).</summary>
public sealed record DiscardAction(int Line) : SieveAction(Line)
{
    /// <inheritdoc/>
    public override string Name => "discard";
}

/// <summary>Refuse the message (RFC 5429).</summary>
/// <param name="Line">Where.</param>
/// <param name="Reason">What its sender is told.</param>
/// <param name="Extended"><c>ereject</c>: by the reply of the session rather than by a message.</param>
public sealed record RejectAction(int Line, string Reason, bool Extended) : SieveAction(Line)
{
    /// <inheritdoc/>
    public override string Name => Extended ? "ereject" : "reject";
}

/// <summary>Answer that the recipient is away (RFC 5230).</summary>
/// <param name="Line">Where.</param>
/// <param name="Reason">The text, or a MIME entity where <paramref name="IsMime"/>.</param>
/// <param name="Subject">Its subject; null for "Automated reply" about the message's own.</param>
/// <param name="From">Whom it comes from; null for the recipient.</param>
/// <param name="Addresses">Other addresses of the recipient.</param>
/// <param name="IsMime">The reason is a MIME entity with its fields.</param>
/// <param name="Handle">What tells this answer from others; null where its contents do.</param>
/// <param name="Every">How long nobody is answered twice; zero answers always (RFC 6131).</param>
public sealed record VacationAction(int Line, string Reason, string? Subject, EmailAddress? From, IReadOnlyList<string> Addresses, bool IsMime, string? Handle, TimeSpan? Every) : SieveAction(Line)
{
    /// <summary>The display name before <see cref="From"/>, or null.</summary>
    public string? FromName { get; init; }

    /// <summary>Where a copy of the answer is filed (RFC 8580); null without.</summary>
    public FileIntoAction? Copy { get; init; }

    /// <inheritdoc/>
    public override string Name => "vacation";
}

/// <summary>Tell somebody of the message (RFC 5435, RFC 5436).</summary>
/// <param name="Line">Where.</param>
/// <param name="Method">A mailto URI.</param>
/// <param name="From">Whom it says it comes from; null without.</param>
/// <param name="Importance">1 high, 2 normal, 3 low.</param>
/// <param name="Message">The text; null for one of the server's.</param>
public sealed record NotifyAction(int Line, MailtoUri Method, EmailAddress? From, int Importance, string? Message) : SieveAction(Line)
{
    /// <summary>Where a copy of the notice is filed (RFC 8580); null without.</summary>
    public FileIntoAction? Copy { get; init; }

    /// <inheritdoc/>
    public override string Name => "notify";
}
