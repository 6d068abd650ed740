using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Sites;

/// <summary>What happens to mail of a script that was never seen before. The numbers are stored.</summary>
public enum NewScripts
{
    /// <summary>It goes like any other.</summary>
    Allow = 1,
    /// <summary>It goes, for the first day only to a few recipients outside an hour.</summary>
    Limit = 2,
    /// <summary>What leaves the server waits until an administrator allows the script.</summary>
    Hold = 3,
}

/// <summary>
/// A web site or another program that sends: an account nobody reads mail with, which may write as its own addresses alone. It is known by
/// its password, or, on this computer, by the user its programs run as and the folder they lie in.
/// </summary>
/// <param name="AccountId">Its account.</param>
/// <param name="Address">Its account's address, which it also sends as unless it says otherwise.</param>
/// <param name="UserName">Name or number of the user; empty where no program of this computer is the site's.</param>
/// <param name="Folder">Full path; empty for anywhere.</param>
/// <param name="RepliesTo">Where mail for its address goes; null for the administrators.</param>
/// <param name="NewScripts">What happens to mail of new scripts.</param>
/// <param name="BlindCopies">Recipients outside of one message that its header does not name.</param>
/// <param name="PerHour">Recipients outside in an hour; 0 for no limit but that of accounts.</param>
/// <param name="PerDay">In a day.</param>
/// <param name="Addresses">What else it may send as: addresses, or <c>@domain</c>.</param>
public sealed record Site(
    long AccountId, EmailAddress Address, string UserName, string Folder, EmailAddress? RepliesTo, NewScripts NewScripts,
    int BlindCopies, int PerHour, int PerDay, IReadOnlyList<string> Addresses)
{
    /// <summary>Recipients outside in an hour of a new site.</summary>
    public const int StandardPerHour = 100;

    /// <summary>In a day.</summary>
    public const int StandardPerDay = 500;

    /// <summary>True where programs of this computer can be its.</summary>
    public bool IsLocal => UserName.Length > 0;

    /// <summary>True where it may send as <paramref name="address"/>: its own, a subaddress of it, or one it was given.</summary>
    internal bool Owns(EmailAddress address)
    {
        var bare = AddressKey.TrySplit(address, out var before, out _) ? before : address;
        return bare == Address || Addresses.Any(pattern => pattern.StartsWith('@') ? pattern == AddressKey.CatchAll(address.Domain) : pattern == address.Key || pattern == bare.Key);
    }

    /// <summary>True where a program of this user, in one of these folders, is the site's.</summary>
    internal bool Includes(string userId, string userName, IEnumerable<string> places)
    {
        if (!IsLocal || (UserName != userName && UserName != userId)) return false;
        return Folder.Length == 0 || places.Any(place => place == Folder || place.StartsWith(Folder.EndsWith('/') ? Folder : Folder + "/", StringComparison.Ordinal));
    }
}

/// <summary>A script that a site's mail came from. The numbers of its state are stored.</summary>
public enum ScriptState
{
    /// <summary>Seen, and nobody has said anything of it.</summary>
    New = 1,
    /// <summary>An administrator allowed it.</summary>
    Allowed = 2,
    /// <summary>Its mail is refused.</summary>
    Blocked = 3,
}

/// <summary>A script of a site.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="Script">Its path, or what else is known of where mail came from; empty where nothing is.</param>
/// <param name="State">What was said of it.</param>
/// <param name="FirstSeen">When its first message came.</param>
/// <param name="LastSeen">And its last.</param>
/// <param name="Messages">How many.</param>
/// <param name="Waiting">Messages that wait until it is allowed.</param>
public sealed record SiteScript(long Id, string Script, ScriptState State, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Messages, int Waiting);
