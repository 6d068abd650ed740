using System.Net;

namespace Sternpost.Accounts.Sasl;

/// <summary>A sign-in that was tried.</summary>
/// <param name="Name">Who was named, as typed.</param>
/// <param name="Account">Whose it is; null where nobody has the name.</param>
/// <param name="Client">From where.</param>
/// <param name="Succeeded">Whether it was right.</param>
/// <param name="PasswordTag">Tells the same password tried again from another one, and nothing else of it; 0 where no password was seen.</param>
public sealed record SignInAttempt(string Name, Account? Account, IPAddress Client, bool Succeeded, uint PasswordTag);

/// <summary>Sees every sign-in of every protocol. Declared here, so that sign-in knows nothing of what is made of it.</summary>
public interface ISignInWatch
{
    /// <summary>Why nobody may sign in from an address now, for the log; null where one may. From memory.</summary>
    string? Refuse(IPAddress client);

    /// <summary>A sign-in was tried and settled.</summary>
    ValueTask TriedAsync(SignInAttempt attempt, CancellationToken cancellation);
}
