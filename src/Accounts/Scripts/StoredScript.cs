namespace Sternpost.Accounts.Scripts;

/// <summary>A Sieve script as it is listed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsActive">Whether it is the one that mail is filtered by.</param>
/// <param name="Size">Octets.</param>
/// <param name="Created">When a script of this name was first stored.</param>
/// <param name="Changed">When its text was replaced last.</param>
public sealed record StoredScript(ScriptName Name, bool IsActive, long Size, DateTimeOffset Created, DateTimeOffset Changed);

/// <summary>The script that an account's mail is filtered by.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Another one after each change to any script of the account, so that what was made of them can be kept by it; no two accounts have the same.</param>
/// <param name="Content">Its text as it was stored, in UTF-8.</param>
public sealed record ActiveScript(ScriptName Name, long Version, ReadOnlyMemory<byte> Content);

/// <summary>What became of a change.</summary>
public enum StoreOutcome
{
    /// <summary>It is made, and durable.</summary>
    Done,
    /// <summary>There is no script of that name.</summary>
    NonExistent,
    /// <summary>There is one of the new name already.</summary>
    AlreadyExists,
    /// <summary>Not while the script is active.</summary>
    Active,
    /// <summary>The account has <see cref="ScriptStore.MaxScripts"/> scripts.</summary>
    TooMany,
    /// <summary>More than <see cref="ScriptStore.MaxOctets"/> octets.</summary>
    TooLarge,
    /// <summary>A script of no octets is none (RFC 5804 §2.6).</summary>
    Empty,
    /// <summary>The account is gone.</summary>
    NoAccount,
}
