namespace Sternpost.Smtp.Client;

/// <summary>The connection is of no use any more. Thrown where it is noticed, caught once where its result is made.</summary>
internal sealed class SessionLostException(string status, string reason) : Exception(reason)
{
    internal string Status { get; } = status;
}
