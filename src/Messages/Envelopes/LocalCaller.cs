namespace Sternpost.Messages.Envelopes;

/// <summary>
/// The program that handed a message over: what the kernel says of it, and what it says of itself. The two are kept apart, because a stolen
/// site may say anything.
/// </summary>
public sealed record LocalCaller
{
    /// <summary>The user, by the kernel's word; null for a program elsewhere, which signed in.</summary>
    public uint? UserId { get; init; }

    /// <summary>The user's name; empty where it is not known.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The process that connected, by the kernel's word; null where it is long gone, or elsewhere.</summary>
    public int? ProcessId { get; init; }

    /// <summary>What runs: the file, or its short name.</summary>
    public string Program { get; init; } = "";

    /// <summary>Its working folder.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The script.</summary>
    public string Script { get; init; } = "";

    /// <summary>The pool of php-fpm.</summary>
    public string Pool { get; init; } = "";

    /// <summary>The web site's name as the web server has it; always as said.</summary>
    public string VirtualHost { get; init; } = "";

    /// <summary>True where program, folder and script come from the kernel; false where the caller said them.</summary>
    public bool IsSeen { get; init; }

    /// <summary>True where the message waited in a file while no server ran.</summary>
    public bool Waited { get; init; }

    /// <summary>What counts and is allowed as one script: its path, else folder and program, else nothing.</summary>
    public string Source => Script.Length > 0 ? Script : Folder.Length > 0 && Program.Length > 0 ? $"{Program} in {Folder}" : Program;

    /// <summary>In a sentence's words.</summary>
    public string InWords
    {
        get
        {
            var what = Script.Length > 0 ? "the script " + Script : Program.Length > 0 ? "the program " + Program : "a program";
            var parts = new List<string>();
            if (Script.Length > 0 && Program.Length > 0) parts.Add("run by " + Program);
            if (UserId is { } id) parts.Add($"user {(UserName.Length > 0 ? UserName : id)}");
            if (ProcessId is { } process) parts.Add($"process {process}");
            if (Folder.Length > 0) parts.Add("in the folder " + Folder);
            if (Pool.Length > 0) parts.Add("php-fpm pool " + Pool);
            if (VirtualHost.Length > 0) parts.Add("for " + VirtualHost);
            var whole = parts.Count == 0 ? what : $"{what} ({string.Join(", ", parts)})";
            if (!IsSeen && (Script.Length > 0 || Program.Length > 0)) whole += ", as it says itself";
            return Waited ? whole + "; it waited on this computer until the server took it" : whole;
        }
    }
}
