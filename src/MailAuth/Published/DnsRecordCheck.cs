namespace Sternpost.MailAuth.Published;

/// <summary>How a record stands in DNS.</summary>
public enum PublishedState
{
    /// <summary>As wanted, or in a way that does as well.</summary>
    Published,
    /// <summary>Not there.</summary>
    Missing,
    /// <summary>There, but not doing what it should.</summary>
    Different,
    /// <summary>DNS did not answer now.</summary>
    Unknown,
    /// <summary>Not looked up.</summary>
    NotChecked,
}

/// <summary>One record compared with what is published.</summary>
/// <param name="Record">The record wanted.</param>
/// <param name="State">How it stands.</param>
/// <param name="Found">What DNS has, as text.</param>
/// <param name="Remarks">What is different and what follows from it, in plain words; also what is worth knowing of a record that is in order.</param>
public sealed record DnsRecordCheck(DnsRecordToPublish Record, PublishedState State, IReadOnlyList<string> Found, IReadOnlyList<string> Remarks)
{
    /// <summary>True where something must be done: an essential record is missing, or one that is there does harm.</summary>
    public bool IsFailure => State == PublishedState.Different || (State == PublishedState.Missing && Record.Importance == RecordImportance.Essential);

    internal static DnsRecordCheck Unknown(DnsRecordToPublish record) => new(record, PublishedState.Unknown, [], ["DNS did not answer now; ask again later."]);

    internal static DnsRecordCheck Missing(DnsRecordToPublish record) => new(record, PublishedState.Missing, [], [record.Without]);
}
