using CsCheck;
using Sternpost.Configuration;

namespace Sternpost.Unit.House;

public class ConfigurationTests
{
    private const string Least = "[server]\nhostname = \"mail.example.com\"\n";

    [Fact]
    public void Defaults_are_read_from_the_same_table_as_the_documents()
    {
        var configuration = ConfigurationFile.Parse(Least, "f.toml");
        Assert.Equal("mail.example.com", configuration.Server.Hostname.Ascii);
        Assert.Equal(25, configuration.Listeners.Mx.Port);
        Assert.Equal(2, configuration.Listeners.Mx.EndPoints.Count);
        Assert.Empty(configuration.Listeners.Pop3.EndPoints);
        Assert.Equal(50_000_000, configuration.Limits.MessageSize);
        Assert.Equal(TimeSpan.FromDays(5), configuration.Queue.GiveUpAfter);
    }

    [Theory]
    [InlineData("", 4190)]
    [InlineData("[listeners.imap]\nport = 0\n", 4190)]
    [InlineData("[listeners.imap]\nport = 0\n[listeners.imaps]\nport = 0\n", 0)]
    [InlineData("[listeners.imap]\nport = 0\n[listeners.imaps]\nport = 0\n[listeners.managesieve]\nport = 4190\n", 4190)]
    [InlineData("[listeners.managesieve]\nport = 2000\n", 2000)]
    [InlineData("[listeners.managesieve]\nport = 0\n", 0)]
    public void ManageSieve_is_on_where_IMAP_is(string text, int port) => Assert.Equal(port, ConfigurationFile.Parse(Least + text, "f.toml").Listeners.ManageSieve.Port);

    [Theory]
    [InlineData("[server]\nhostnam = \"a.example\"", "f.toml:4: server.hostnam: there is no such setting. Did you mean server.hostname?")]
    [InlineData("[limits]\nmesage_size = \"1MB\"", "f.toml:4: limits.mesage_size: there is no such setting. Did you mean limits.message_size?")]
    [InlineData("[server]\nresolvers = []", "f.toml:4: server.resolvers: there is no such setting. Did you mean dns.resolvers?")]
    [InlineData("[limits]\nmessage_size = \"50 bananas\"", "f.toml:4: limits.message_size: \"50 bananas\" is not a size.*")]
    [InlineData("[dns]\n\ntimeout = \"5\"", "f.toml:5: dns.timeout: \"5\" is not a duration.*")]
    [InlineData("[listeners.mx]\nport = 70000", "f.toml:4: listeners.mx.port: a whole number from 0 to 65535 is needed, not 70000.")]
    [InlineData("[listeners.mx]\naddresses = [\"127.0.0.1\", \"here\"]", "f.toml:4: listeners.mx.addresses: \"here\" is not an IP address*")]
    [InlineData("[limits]\nexempt = [\"10.0.0.1/8\"]", "f.toml:4: limits.exempt: \"10.0.0.1/8\" is not a network*")]
    [InlineData("[logging]\nlevel = \"informaton\"", "f.toml:4: logging.level: *Did you mean \"information\"?")]
    [InlineData("listeners.imap.port = 993", "f.toml:3: server.listeners.imap.port: *Did you mean listeners.imap.port?")]
    [InlineData("[filter]\njunk_at = 20.0", "*filter.reject_at must be greater than filter.junk_at*")]
    [InlineData("[queue]\nsmarthost_user = \"me\"", "f.toml:4: queue.smarthost_user needs *")]
    public void Says_file_line_reason_and_the_nearest_right_key(string wrong, string expected)
    {
        var text = wrong.StartsWith("[server]", StringComparison.Ordinal) ? "\n\n" + wrong + "\n" : Least + wrong + "\n";
        var problems = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(text, "f.toml")).Problems;
        Assert.Contains(problems, problem => Matches(expected, problem.ToString()));
    }

    [Fact]
    public void Reports_all_mistakes_at_once_in_the_order_of_the_file()
    {
        var problems = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse("[dns]\ntimeout = 5\n[tls]\nkeyy = \"a\"\n[x]\ny = 1\n", "f.toml")).Problems;
        Assert.Equal([0, 2, 4, 6], problems.Select(problem => problem.Line));
    }

    [Fact]
    public void A_password_written_into_the_file_is_refused_and_not_repeated()
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(Least + "[queue]\nsmarthost_password = \"hunter2\"\n", "f.toml")).Problems);
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
        Assert.Contains("env:NAME", problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_read_from_files_and_the_environment()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "from file\n");
        Assert.Equal("from file", Secret.InFile(file).Reveal("/"));
        File.Delete(file);
        Environment.SetEnvironmentVariable("STERNPOST_TEST_SECRET", "from environment");
        var secret = ConfigurationFile.Parse(Least + "[queue]\nsmarthost_password = \"env:STERNPOST_TEST_SECRET\"\n", "f.toml").Queue.SmarthostPassword!;
        Assert.Equal("from environment", secret.Reveal("/"));
        Assert.DoesNotContain("from environment", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_is_a_good_configuration_and_names_every_key()
    {
        var template = ConfigurationTemplate.Commented(new Dictionary<string, string> { ["server.hostname"] = "\"mail.example.com\"" });
        Assert.Equal("mail.example.com", ConfigurationFile.Parse(template, "t").Server.Hostname.Ascii);
        Assert.All(ConfigurationKeys.All, key => Assert.Contains(key.Name + " = ", template, StringComparison.Ordinal));
        var uncommented = string.Join('\n', template.Split('\n').Select(line => line.StartsWith('#') && !line.StartsWith("# ", StringComparison.Ordinal) ? line[1..] : line));
        var all = ConfigurationFile.Parse(uncommented.Replace("smarthost_password = \"env:RELAY_PASSWORD\"", "", StringComparison.Ordinal), "t");
        Assert.Equal("relay.example.net", all.Queue.Smarthost!.Ascii);
    }

    [Fact]
    public void Every_key_stands_in_a_section_that_is_introduced() =>
        Assert.Equal(ConfigurationKeys.Sections.Select(section => section.Section), ConfigurationKeys.All.Select(key => key.Section).Distinct());

    [Fact]
    public void The_reference_in_docs_is_fresh()
    {
        var path = Path.Combine(Repository.Root, "docs", "configuration.md");
        Assert.True(File.Exists(path) && File.ReadAllText(path) == ConfigurationReference.Markdown(), "docs/configuration.md is stale: sternpost config reference > docs/configuration.md");
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("4h", 14400)]
    [InlineData("2d", 172800)]
    public void Durations(string text, int seconds)
    {
        Assert.Null(ValueKinds.Duration.Read(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Fact]
    public void No_text_makes_the_parser_throw_anything_else() => Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char["[]=\"'.#\n abcserverhostname0123456789{},-"], 0, 80]).Sample(text =>
    {
        try { ConfigurationFile.Parse(text, "f"); }
        catch (ConfigurationException) { }
    });

    private static bool Matches(string pattern, string text) =>
        System.Text.RegularExpressions.Regex.IsMatch(text, "^" + System.Text.RegularExpressions.Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$");
}
