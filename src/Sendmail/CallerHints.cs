namespace Sternpost.Sendmail;

/// <summary>
/// What the calling side can say of where a message comes from. The server takes none of it for proved: it reads the kernel's word where it
/// can, and shows the rest as said.
/// </summary>
public static class CallerHints
{
    /// <summary>The program that called.</summary>
    public const string Program = "program";
    /// <summary>The working folder.</summary>
    public const string Folder = "folder";
    /// <summary>The script.</summary>
    public const string Script = "script";
    /// <summary>The name of the web site, as the web server has it.</summary>
    public const string VirtualHost = "host";
    /// <summary>The pool of php-fpm.</summary>
    public const string Pool = "pool";
    /// <summary>The user, where the message waited in a file; believed from the server itself alone.</summary>
    public const string User = "user";

    private const int MaxValue = 300;

    /// <summary>Everything that is known of this process.</summary>
    /// <param name="phpScript">The field X-PHP-Originating-Script (mail.add_x_header of PHP), or null.</param>
    internal static IReadOnlyList<KeyValuePair<string, string>> Gather(string? phpScript)
    {
        var hints = new List<KeyValuePair<string, string>>();
        var caller = OperatingSystem.IsLinux() && ProcessFacts.Of(Environment.ProcessId) is { } self ? ProcessFacts.CallerOf(self) : null;
        var folder = Environment.CurrentDirectory;
        Add(hints, Program, caller?.Program ?? caller?.Name);
        Add(hints, Pool, caller?.Pool);
        Add(hints, Folder, folder);
        // CGI hands these down; PHP's own field has the uid, a colon and the file's name alone.
        var script = caller?.Script ?? Environment.GetEnvironmentVariable("SCRIPT_FILENAME");
        if (script is null && phpScript is not null && phpScript.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            script = Path.Combine(folder, Path.GetFileName(phpScript[(colon + 1)..].Trim().Split(' ', '(')[0]));
        Add(hints, Script, script);
        Add(hints, VirtualHost, Environment.GetEnvironmentVariable("SERVER_NAME") ?? Environment.GetEnvironmentVariable("HTTP_HOST"));
        return hints;
    }

    private static void Add(List<KeyValuePair<string, string>> hints, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) hints.Add(new(name, value.Length <= MaxValue ? value : value[..MaxValue]));
    }
}
