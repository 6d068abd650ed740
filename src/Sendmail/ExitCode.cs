namespace Sternpost.Sendmail;

/// <summary>What a mail program that is started answers, as sysexits.h names it; callers such as PHP act on the numbers.</summary>
public static class ExitCode
{
    /// <summary>EX_OK: sent, or kept here to be sent later.</summary>
    public const int Ok = 0;
    /// <summary>EX_USAGE: wrong arguments.</summary>
    public const int Usage = 64;
    /// <summary>EX_DATAERR: the message cannot be sent as it is.</summary>
    public const int DataError = 65;
    /// <summary>EX_NOUSER: a recipient that does not exist.</summary>
    public const int NoUser = 67;
    /// <summary>EX_UNAVAILABLE: refused for a reason of its own.</summary>
    public const int Unavailable = 69;
    /// <summary>EX_IOERR: the message could not be read.</summary>
    public const int InputOutput = 74;
    /// <summary>EX_TEMPFAIL: neither sent nor kept; the caller may try again. PHP takes it for sent, so it is answered only where a retry is likely to help.</summary>
    public const int TemporaryFailure = 75;
    /// <summary>EX_NOPERM: the caller may not.</summary>
    public const int NotPermitted = 77;
    /// <summary>EX_CONFIG: the configuration cannot be used.</summary>
    public const int Configuration = 78;
}
