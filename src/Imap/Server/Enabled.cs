namespace Sternpost.Imap.Server;

/// <summary>What the client has turned on, by ENABLE or by using it.</summary>
[Flags]
internal enum Enabled
{
    None = 0,
    /// <summary>MODSEQ in every FETCH of flags (RFC 7162 §3.1).</summary>
    CondStore = 1,
    /// <summary>VANISHED for EXPUNGE (RFC 7162 §3.2); brings CONDSTORE with it.</summary>
    QuickResync = 2,
    /// <summary>UTF-8 in quoted strings and mailbox names (RFC 6855).</summary>
    Utf8 = 4,
    /// <summary>The responses of RFC 9051 where they differ from RFC 3501's.</summary>
    Rev2 = 8,
}

/// <summary>RFC 9051 §3. As flags, for the states a command is allowed in.</summary>
[Flags]
internal enum SessionState
{
    NotAuthenticated = 1,
    Authenticated = 2,
    Selected = 4,
    LoggedOut = 8,

    /// <summary>Any state but after LOGOUT.</summary>
    Any = NotAuthenticated | Authenticated | Selected,
    /// <summary>Signed in.</summary>
    SignedIn = Authenticated | Selected,
}
