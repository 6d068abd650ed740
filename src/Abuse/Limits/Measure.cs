namespace Sternpost.Abuse.Limits;

/// <summary>What a limit counts. The numbers are stored.</summary>
public enum Measure
{
    /// <summary>Messages, whoever they go to.</summary>
    Messages = 0,
    /// <summary>Recipients, here and outside.</summary>
    Recipients = 1,
    /// <summary>Recipients outside this server.</summary>
    External = 2,
    /// <summary>Recipients outside to whom the account never wrote and of whom it never heard before.</summary>
    New = 3,
    /// <summary>Recipients here: colleagues, classmates.</summary>
    Internal = 4,
    /// <summary>Recipients of bounces, receipts and automatic replies, which count nowhere else.</summary>
    Automatic = 5,
}

/// <summary>Over what a limit counts. The numbers are stored.</summary>
public enum Span
{
    /// <summary>One message.</summary>
    Message = 0,
    /// <summary>Any sixty minutes.</summary>
    Hour = 1,
    /// <summary>Any twenty-four hours.</summary>
    Day = 2,
}
