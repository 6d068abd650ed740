namespace Sternpost.Setup.Checks;

/// <summary>Whether another mail server runs on this machine, by the names its processes are known under.</summary>
internal static class OtherMailSoftware
{
    // As /proc/PID/comm has them: cut at 15 characters.
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["exim4"] = "Exim",
        ["exim"] = "Exim",
        ["sendmail"] = "Sendmail",
        ["sendmail-mta"] = "Sendmail",
        ["smtpd"] = "OpenSMTPD",
        ["dovecot"] = "Dovecot",
        ["courier-imapd"] = "Courier",
        ["courierd"] = "Courier",
        ["cyrmaster"] = "Cyrus",
        ["qmgr"] = "Postfix",
        ["rspamd"] = "Rspamd",
        ["spamd"] = "SpamAssassin",
        ["amavisd"] = "Amavis",
        ["amavisd-new"] = "Amavis",
        ["stalwart-mail"] = "Stalwart",
        ["stalwart"] = "Stalwart",
        ["maddy"] = "maddy",
        ["mox"] = "mox",
    };

    public static Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (!Directory.Exists("/proc/self")) return Task.FromResult(CheckResult.Ok("Other mail software", "not looked for on this system"));
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
        {
            if (Known.TryGetValue(Name(process), out var product)) found.Add(product);
        }
        return Task.FromResult(found.Count == 0
            ? CheckResult.Ok("Other mail software", "none runs")
            : CheckResult.Warning("Other mail software", $"{string.Join(", ", found)} runs on this machine",
                "Two mail servers cannot share ports. Stop and disable what Sternpost replaces ('systemctl disable --now …')."));
    }

    // Processes end while we look.
    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).TrimEnd('\n');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
