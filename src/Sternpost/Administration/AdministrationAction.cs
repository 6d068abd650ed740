using System.Collections.Specialized;
using Sternpost.Accounts;

namespace Sternpost.Administration;

/// <summary>Something that the page can do.</summary>
/// <param name="Name">In addresses.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Button">What the button says.</param>
/// <param name="Meaning">What happens, before it is confirmed.</param>
/// <param name="Done">What is said afterwards.</param>
internal sealed record AdministrationAction(string Name, string Title, string Button, string Meaning, string Done)
{
    /// <summary>What must be said beside that.</summary>
    public IReadOnlyList<ActionField> Fields { get; init; } = [];

    /// <summary>Whoever sits down at a browser that somebody left open must not do it: the administrator's own password is asked for.</summary>
    public bool IsGrave { get; init; }

    /// <summary>It makes something: there is nothing yet that it could be about.</summary>
    public bool Makes { get; init; }

    /// <summary>What it is about is gone afterwards, and has no page any more.</summary>
    public bool Ends { get; init; }

    /// <summary>Where the administrator comes from, and is led back to.</summary>
    public string Back { get; init; } = AdministrationPage.Path;

    /// <summary>The page that the administrator is led to afterwards, by what it was done to; null for <see cref="Back"/>.</summary>
    public Func<string, string>? BackTo { get; init; }
}

/// <summary>An entry of an action's form.</summary>
/// <param name="Name">In the form.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Kind">An HTML input's type.</param>
/// <param name="Hint">What may be entered; may be empty.</param>
/// <param name="IsRequired">Whether it may not be left empty.</param>
internal sealed record ActionField(string Name, string Label, string Kind = "text", string Hint = "", bool IsRequired = false)
{
    /// <summary>The choices of a list; empty where it is typed.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>What came of an action.</summary>
/// <param name="Problem">Why nothing was done; null where it was.</param>
/// <param name="Secret">What is shown this once, such as a password that was made; null for most.</param>
internal sealed record ActionOutcome(string? Problem, string? Secret = null)
{
    public static ActionOutcome Done { get; } = new(Problem: null);

    public static ActionOutcome Gone { get; } = new("Nothing was changed: it is not there any more.");
}

/// <summary>Actions of one kind.</summary>
internal interface IActionGroup
{
    IReadOnlyList<AdministrationAction> Actions { get; }

    /// <summary>What is meant, in words, with more of it where there is; null where there is no such thing.</summary>
    Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation);

    /// <summary>Does it.</summary>
    Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation);
}
