namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A hand-over as a Received field tells it.</summary>
internal sealed record Relay
{
    internal string Address { get; init; } = "";

    /// <summary>The client's name by reverse DNS; empty where it had none or nobody asked.</summary>
    internal string ReverseName { get; init; } = "";

    internal string Helo { get; init; } = "";

    internal string By { get; init; } = "";

    internal string Id { get; init; } = "";

    internal string Ident { get; init; } = "";

    internal string? EnvelopeFrom { get; init; }

    /// <summary>How the client signed in; empty where it did not.</summary>
    internal string Authentication { get; init; } = "";

    /// <summary>True where the server looked for a name and found none.</summary>
    internal bool HasNoReverseName { get; init; }

    internal bool IsPrivate { get; init; }

    internal bool IsInternal { get; set; }

    internal bool IsSubmission { get; set; }

    /// <summary>As the pseudo fields X-Spam-Relays-… have it, on which many rules match.</summary>
    public override string ToString() =>
        $"[ ip={Address} rdns={ReverseName} helo={Helo} by={By} ident={Ident} envfrom={EnvelopeFrom} intl={(IsInternal ? 1 : 0)} id={Id} auth={Authentication} msa={(IsSubmission ? 1 : 0)} ]";
}
