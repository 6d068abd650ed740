namespace Sternpost.Mailboxes;

/// <summary>How STORE changes flags.</summary>
public enum FlagOperation
{
    /// <summary>FLAGS.</summary>
    Replace,
    /// <summary>+FLAGS.</summary>
    Add,
    /// <summary>-FLAGS.</summary>
    Remove,
}
