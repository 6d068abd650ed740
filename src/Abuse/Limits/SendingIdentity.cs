using System.Net;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;

namespace Sternpost.Abuse.Limits;

/// <summary>Who sends, in all the layers that count it.</summary>
/// <param name="Account">The account that answers for it.</param>
/// <param name="Layers">The layers, the one that is asked first standing first.</param>
public sealed record SendingIdentity(Account Account, IReadOnlyList<SendingLayer> Layers)
{
    /// <summary>Somebody signed in with a password of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="password">The app password; null for the account's own.</param>
    /// <param name="source">The client's address.</param>
    public static SendingIdentity Of(Account account, AppPassword? password, IPAddress source)
    {
        var layers = new List<SendingLayer>(5) { SendingLayer.Of(account) };
        if (password is not null) layers.Add(SendingLayer.Of(password, account));
        layers.Add(SendingLayer.Of(account.Address.Domain));
        layers.Add(SendingLayer.Of(source));
        layers.Add(SendingLayer.Server);
        return new SendingIdentity(account, layers);
    }
}
