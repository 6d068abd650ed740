namespace Sternpost.Configuration;

/// <summary>Reads the configuration. Everything wrong with it is reported at once, each with file and line.</summary>
internal static class ConfigurationFile
{
    /// <summary>A configuration of defaults only, as the demo and tests start from. It has no host name.</summary>
    public static ServerConfiguration Defaults()
    {
        var problems = new List<ConfigurationProblem>();
        var configuration = new ServerConfiguration();
        Apply(configuration, TomlValues.Read(ConfigurationTemplate.Defaults(), "defaults", problems), "defaults", problems);
        return problems.Count == 0 ? configuration : throw new ConfigurationException(problems);
    }

    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <exception cref="ConfigurationException">Something is wrong with it; says everything that is.</exception>
    public static ServerConfiguration Load(string path) => File.Exists(path)
        ? Parse(File.ReadAllText(path), path)
        : throw new ConfigurationException([new ConfigurationProblem(path, 0,
            "there is no configuration here. Run: sternpost setup\n"
            + "It asks for your domain and host name, writes this file with every setting explained, makes keys, a first certificate and\n"
            + "an administrator's account, and prints the DNS records to publish. Or name another file with --config.\n"
            + "Only want to try it? Run: sternpost demo")]);

    /// <summary>Reads a configuration from its text; <paramref name="file"/> is the name to complain under.</summary>
    /// <exception cref="ConfigurationException">Something is wrong with it; says everything that is.</exception>
    public static ServerConfiguration Parse(string text, string file)
    {
        var problems = new List<ConfigurationProblem>();
        var configuration = Defaults();
        var entries = TomlValues.Read(text, file, problems);
        Apply(configuration, entries, file, problems);
        foreach (var key in ConfigurationKeys.All)
        {
            if (key.Required && entries.All(entry => entry.Path != key.Path))
            {
                problems.Add(new ConfigurationProblem(file, 0, $"{key.Path} is missing. {key.Description} For example: [{key.Section}] {key.Name} = {key.Example}"));
            }
        }
        // A server that nobody reads mail from, such as a filter before another one, has no use for users' scripts; and that other one may have the port.
        if (configuration.Listeners is { Imap.Port: 0, Imaps.Port: 0 } && entries.All(entry => entry.Path != "listeners.managesieve.port")) configuration.Listeners.ManageSieve.Port = 0;
        CheckTogether(configuration, entries, file, problems);
        return problems.Count == 0 ? configuration : throw new ConfigurationException([.. problems.OrderBy(problem => problem.Line)]);
    }

    private static void Apply(ServerConfiguration configuration, IReadOnlyList<TomlEntry> entries, string file, List<ConfigurationProblem> problems)
    {
        var keys = ConfigurationKeys.All.ToDictionary(key => key.Path, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var reason = keys.TryGetValue(entry.Path, out var key) ? key.Apply(configuration, entry.Value) : Unknown(entry.Path, keys.Keys);
            if (reason is not null) problems.Add(new ConfigurationProblem(file, entry.Line, $"{entry.Path}: {reason}"));
        }
    }

    // The last part alone is tried too, because a right key in a wrong section is the commonest slip after spelling.
    private static string Unknown(string path, ICollection<string> known)
    {
        var name = path[(path.LastIndexOf('.') + 1)..];
        var nearest = NearestName.Of(path, known) ?? known.FirstOrDefault(key => key.EndsWith("." + name, StringComparison.Ordinal));
        return "there is no such setting." + (nearest is null ? " See docs/configuration.md for all of them." : $" Did you mean {nearest}?");
    }

    private static void CheckTogether(ServerConfiguration configuration, IReadOnlyList<TomlEntry> entries, string file, List<ConfigurationProblem> problems)
    {
        int Line(string path) => entries.FirstOrDefault(entry => entry.Path == path)?.Line ?? 0;
        if (configuration.Filter.RejectAt <= configuration.Filter.JunkAt)
        {
            problems.Add(new ConfigurationProblem(file, Line("filter.reject_at"), "filter.reject_at must be greater than filter.junk_at, or nothing would ever reach the Junk folder."));
        }
        if (configuration.Queue is { SmarthostTls: "none", SmarthostPassword: not null })
        {
            problems.Add(new ConfigurationProblem(file, Line("queue.smarthost_tls"), "queue.smarthost_tls = \"none\" would send the relay's password in clear. Use \"starttls\" or \"implicit\"."));
        }
        if (configuration.Queue is { SmarthostUser.Length: > 0, SmarthostPassword: null })
        {
            problems.Add(new ConfigurationProblem(file, Line("queue.smarthost_user"), "queue.smarthost_user needs queue.smarthost_password_file or queue.smarthost_password."));
        }
        if (configuration.Dns.Update is { Server: not null, Key: null } or { Server: not null, Secret: null })
        {
            problems.Add(new ConfigurationProblem(file, Line("dns.update.server"), "dns.update.server needs dns.update.key and dns.update.secret_file: unsigned changes are never sent."));
        }
        foreach (var pair in configuration.Listeners.All.Where(listener => listener.Listener.Port != 0).GroupBy(listener => listener.Listener.Port).Where(group => group.Count() > 1))
        {
            var names = pair.Select(listener => "listeners." + listener.Name).ToList();
            problems.Add(new ConfigurationProblem(file, Line(names[^1] + ".port"), $"{string.Join(" and ", names)} have the same port {pair.Key}."));
        }
    }
}
