using System.Security.Cryptography;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Demo;

/// <summary>The demo's domain and its three accounts, made or found again.</summary>
internal static class DemoAccounts
{
    public const string Domain = "demo.test";

    // No letters that are taken for one another: these are typed by hand into mail programs.
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int PasswordLength = 14;

    private static readonly (string LocalPart, string Name, bool Administrator)[] People =
    [
        ("alice", "Alice Demo", false), ("bob", "Bob Demo", false), ("admin", "The administrator", true),
    ];

    /// <summary>Ensures domain and accounts; a password of an earlier start stands, where it is not known a new one is set.</summary>
    public static async Task<IReadOnlyList<DemoAccount>> EnsureAsync(AccountDirectory directory, IReadOnlyDictionary<string, string> earlier, CancellationToken cancellation)
    {
        await directory.AddDomainAsync(DomainName.Parse(Domain), cancellation);
        var accounts = new List<DemoAccount>();
        foreach (var (localPart, name, administrator) in People)
        {
            var address = EmailAddress.Parse(localPart + "@" + Domain);
            var exists = await directory.FindAccountAsync(address, cancellation) is not null;
            var known = earlier.TryGetValue(address.ToString(), out var password);
            password ??= RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
            if (!exists) await directory.AddAccountAsync(address, password, name, administrator, 0, cancellation);
            else if (!known) await directory.SetPasswordAsync(address, password, cancellation);
            accounts.Add(new DemoAccount(address.ToString(), password));
        }
        return accounts;
    }
}
