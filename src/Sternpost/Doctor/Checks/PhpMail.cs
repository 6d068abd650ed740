using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>The ways PHP can send mail: its mail() by what sendmail_path names, and its sockets by port 25. An open one is how a stolen site sends past every limit.</summary>
internal static class PhpMail
{
    private static readonly string[] Folders = ["/etc/php", "/etc/php.d", "/etc/php-fpm.d", "/usr/local/etc/php", "/usr/local/etc/php-fpm.d", "/etc/opt/remi"];
    private static readonly string[] Files = ["/etc/php.ini", "/etc/php-fpm.conf"];
    private static readonly string[] Firewalls = ["/etc/nftables.conf", "/etc/iptables/rules.v4", "/etc/sysconfig/iptables"];
    private const int MostFiles = 500;
    private const long MaxSize = 1_000_000;

    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var roots = Folders.Select(patient.File).Where(Directory.Exists).ToList();
        var files = roots.SelectMany(root => Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 6 }))
            .Concat(Files.Select(patient.File).Where(File.Exists))
            .Where(file => file.EndsWith(".ini", StringComparison.Ordinal) || file.EndsWith(".conf", StringComparison.Ordinal)).Take(MostFiles).ToList();
        if (files.Count == 0) return Task.FromResult<IReadOnlyList<CheckResult>>([CheckResult.Ok("PHP", "not on this computer")]);

        var results = new List<CheckResult>();
        var paths = files.SelectMany(file => Settings(file).Where(setting => setting.Name is "sendmail_path" or "php_admin_value[sendmail_path]" or "php_value[sendmail_path]").Select(setting => (File: file, setting.Value))).ToList();
        foreach (var (file, value) in paths.Where(path => path.Value.Length > 0))
        {
            var program = value.Trim('"', '\'').Split(' ')[0];
            var path = patient.File(program);
            if (!File.Exists(path)) results.Add(CheckResult.Warning("PHP", $"{file} has sendmail_path = {value}, and there is no such program: mail() fails", "Name this server's: sendmail_path = \"/usr/sbin/sendmail -t -i\""));
            else if (!SendingPrograms.IsOurs(path)) results.Add(CheckResult.Warning("PHP", $"{file} lets PHP send by {program}, past this server", "Close it: sendmail_path = \"/usr/sbin/sendmail -t -i\", with this server's program there; for a pool php_admin_value[sendmail_path], which a script cannot change."));
        }
        // Without a setting PHP takes /usr/sbin/sendmail.
        if (paths.All(path => path.Value.Length == 0) && patient.File("/usr/sbin/sendmail") is var usual && (!File.Exists(usual) || !SendingPrograms.IsOurs(usual)))
            results.Add(CheckResult.Warning("PHP", File.Exists(usual) ? $"mail() of PHP sends by {usual}, past this server" : "mail() of PHP finds no /usr/sbin/sendmail and fails",
                "Put this server's program there (docs/operations/web-applications.md), and make each site: sternpost site add ADDRESS --user USER --folder FOLDER"));
        foreach (var file in files.Where(file => file.Contains("pool", StringComparison.Ordinal) || file.Contains("fpm.d", StringComparison.Ordinal)))
        {
            var settings = Settings(file).ToList();
            var pool = Path.GetFileNameWithoutExtension(file);
            if (settings.Exists(setting => setting is { Name: "user", Value: "root" })) results.Add(CheckResult.Failed("PHP", $"the pool {pool} runs as root ({file})", "Give it a user of its own: user = …"));
        }
        var users = files.SelectMany(file => Settings(file).Where(setting => setting.Name == "user").Select(setting => setting.Value)).ToList();
        if (users.GroupBy(user => user).FirstOrDefault(group => group.Count() > 1) is { } shared)
            results.Add(CheckResult.Warning("PHP", $"{shared.Count()} pools run as {shared.Key}: one stolen site can write mail as the others", "Give each site's pool a user of its own, and name it: sternpost site set ADDRESS --user USER"));
        if (!FirewallNames25(patient)) results.Add(CheckResult.Warning("PHP", "nothing found that keeps PHP from connecting to port 25 of others by itself",
            "Let only the server's user out: nft add rule inet filter output tcp dport 25 meta skuid != sternpost counter reject. Then a stolen site that brings its own mailer sends nothing."));
        if (results.Count == 0) results.Add(CheckResult.Ok("PHP", "sends by this server alone"));
        return Task.FromResult<IReadOnlyList<CheckResult>>(results);
    }

    // What is in force can be read by root alone; what is loaded at boot stands in a file.
    private static bool FirewallNames25(Patient patient) =>
        Firewalls.Select(patient.File).Where(File.Exists)
            .Any(file => File.ReadLines(file).Any(line => line.Contains("dport", StringComparison.Ordinal) && line.Contains("25", StringComparison.Ordinal) && (line.Contains("skuid", StringComparison.Ordinal) || line.Contains("uid-owner", StringComparison.Ordinal) || line.Contains("drop", StringComparison.OrdinalIgnoreCase) || line.Contains("reject", StringComparison.OrdinalIgnoreCase))));

    private static IEnumerable<(string Name, string Value)> Settings(string file)
    {
        if (new FileInfo(file).Length > MaxSize) yield break;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (var line in lines)
        {
            var text = line.Trim();
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && text[0] is not (';' or '#' or '[')) yield return (text[..equals].Trim(), text[(equals + 1)..].Trim());
        }
    }
}
