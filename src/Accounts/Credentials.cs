using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>Passwords: Argon2id hashes, SCRAM-SHA-256 verifiers, and the counting of failures. Plain passwords live only on the stack of a call.</summary>
public sealed class Credentials(Database database, AccountDirectory directory, TimeProvider time)
{
}
