using Sternpost.Messages.Envelopes;
using Sternpost.Network.Local;
using Sternpost.Sendmail;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>Finds out who is at the other end of the socket: the kernel's word first, and beside it what the caller says.</summary>
internal static class CallerEvidence
{
    private static readonly Lock UsersGate = new();
    private static Dictionary<uint, string> users = [];
    private static DateTime usersRead;

    /// <summary>The caller at a socket of this computer.</summary>
    internal static LocalCaller Of(PeerCredentials peer, IReadOnlyDictionary<string, string> claims)
    {
        // This server itself, with what waited in a file: whose the file was it has from the kernel.
        if (peer.ProcessId == Environment.ProcessId && claims.TryGetValue(CallerHints.User, out var writer) && uint.TryParse(writer, out var owner))
            return Said(claims) with { UserId = owner, UserName = NameOf(owner), Waited = true };
        var said = Said(claims);
        var caller = new LocalCaller { UserId = peer.UserId, UserName = NameOf(peer.UserId), ProcessId = peer.ProcessId, VirtualHost = said.VirtualHost };
        // A process that is gone, or that another took the number of, is not the one that connected.
        if (ProcessFacts.Of(peer.ProcessId) is not { } process || process.UserId != peer.UserId) return Told(caller, said);
        var origin = ProcessFacts.CallerOf(process) ?? process;
        caller = caller with
        {
            Program = origin.Program ?? origin.Name,
            // The child's folder is the one its caller stood in: php-fpm goes to the script's before it runs it.
            Folder = process.Folder ?? "",
            Script = origin.Script ?? "",
            Pool = origin.Pool ?? "",
            IsSeen = process.Folder is not null || origin.Script is not null,
        };
        return Told(caller, said);
    }

    /// <summary>A program elsewhere that signed in: all of it is what it says.</summary>
    internal static LocalCaller Said(IReadOnlyDictionary<string, string> claims) => new()
    {
        Program = claims.GetValueOrDefault(CallerHints.Program, ""),
        Folder = claims.GetValueOrDefault(CallerHints.Folder, ""),
        Script = claims.GetValueOrDefault(CallerHints.Script, ""),
        Pool = claims.GetValueOrDefault(CallerHints.Pool, ""),
        VirtualHost = claims.GetValueOrDefault(CallerHints.VirtualHost, ""),
    };

    // What the kernel did not show is filled in from what was said; the whole then counts as said.
    private static LocalCaller Told(LocalCaller seen, LocalCaller said)
    {
        var filled = seen with
        {
            Program = seen.Program.Length > 0 ? seen.Program : said.Program,
            Folder = seen.Folder.Length > 0 ? seen.Folder : said.Folder,
            Script = seen.Script.Length > 0 ? seen.Script : said.Script,
            Pool = seen.Pool.Length > 0 ? seen.Pool : said.Pool,
        };
        return filled with { IsSeen = seen.IsSeen && filled.Script == seen.Script && filled.Folder == seen.Folder };
    }

    /// <summary>A user's name as /etc/passwd has it; empty where it is kept elsewhere.</summary>
    private static string NameOf(uint id)
    {
        lock (UsersGate)
        {
            var changed = File.Exists("/etc/passwd") ? File.GetLastWriteTimeUtc("/etc/passwd") : default;
            if (changed != usersRead) (users, usersRead) = (Read(), changed);
            return users.GetValueOrDefault(id, "");
        }
    }

    private static Dictionary<uint, string> Read()
    {
        var read = new Dictionary<uint, string>();
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            if (line.Split(':') is [var name, _, var number, ..] && uint.TryParse(number, out var id)) read.TryAdd(id, name);
        }
        return read;
    }
}
