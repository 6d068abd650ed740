using System.Globalization;

namespace Sternpost.Sendmail;

/// <summary>
/// Where this computer's programs hand their mail: lines of <c>name = value</c>, <c>#</c> begins a comment. It is a small file of its own
/// because it is read on each start and by users who may not read the server's.
/// </summary>
public sealed record MailSettings
{
    /// <summary>Where it lies unless named otherwise.</summary>
    public const string DefaultPath = "/etc/sternpost/sendmail.conf";

    /// <summary>The variable that names another.</summary>
    public const string Variable = "STERNPOST_SENDMAIL_CONF";

    private const int MaxSize = 64 * 1024;

    /// <summary>The socket of a server on this computer; used unless <see cref="Host"/> is set.</summary>
    public string Socket { get; private set; } = "/run/sternpost/sendmail.sock";

    /// <summary>The folder in which mail waits while it cannot be handed over; empty for none.</summary>
    public string Spool { get; private set; } = "/var/spool/sternpost";

    /// <summary>The mail host elsewhere; empty where the server is here.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Its port: 465 for TLS from the first octet, any other for STARTTLS.</summary>
    public int Port { get; private set; } = 465;

    /// <summary>The name that its certificate must bear; empty for <see cref="Host"/>.</summary>
    public string CertificateName { get; private set; } = "";

    /// <summary>The site's address, to sign in with.</summary>
    public string User { get; private set; } = "";

    /// <summary>Its password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>A PEM file of authorities to trust in place of the system's; empty for those.</summary>
    public string Authorities { get; private set; } = "";

    /// <summary>The reverse-path where a caller names none; empty for the user's name at this computer.</summary>
    public string From { get; private set; } = "";

    /// <summary>Octets of a message at most.</summary>
    public long MessageSize { get; private set; } = 50_000_000;

    /// <summary>How long a server may take for one answer.</summary>
    public TimeSpan Patience { get; private set; } = TimeSpan.FromSeconds(30);

    /// <summary>True where mail goes to another computer.</summary>
    public bool IsRemote => Host.Length > 0;

    /// <summary>Those for a server's socket, and nothing else.</summary>
    public static MailSettings ForSocket(string path) => new() { Socket = path, Spool = "" };

    /// <summary>Reads the configuration that a call means.</summary>
    /// <param name="named">With -C, or null.</param>
    /// <exception cref="SendmailException">It cannot be used.</exception>
    public static MailSettings Load(string? named)
    {
        var path = named ?? Environment.GetEnvironmentVariable(Variable) ?? DefaultPath;
        if (named is not null) Trust(named);
        if (!File.Exists(path))
        {
            return named is null && path == DefaultPath ? new MailSettings() : throw new SendmailException(ExitCode.Configuration, $"sendmail: there is no configuration {path}.");
        }
        try
        {
            if (new FileInfo(path).Length > MaxSize) throw new SendmailException(ExitCode.Configuration, $"sendmail: {path} is no configuration.");
            return Parse(path, File.ReadAllLines(path));
        }
        catch (UnauthorizedAccessException)
        {
            throw new SendmailException(ExitCode.Configuration, $"sendmail: this user may not read {path}.");
        }
    }

    // Arguments are what attackers of web applications get to write (CVE-2016-10033 and its kin): a file they could have put there themselves must not take the mail elsewhere.
    private static void Trust(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        if (FileIdentity.Of(path) is { UserId: 0 } owned && (owned.Mode & 0b010_010) == 0) return;
        throw new SendmailException(ExitCode.Configuration, "sendmail: a configuration named with -C must belong to root and be writable by root alone.");
    }

    // A line that cannot be read is named by its number: it may hold a password.
    internal static MailSettings Parse(string path, IReadOnlyList<string> lines)
    {
        var settings = new MailSettings();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !settings.Set(line[..equals].TrimEnd(), line[(equals + 1)..].Trim().Trim('"')))
                throw new SendmailException(ExitCode.Configuration, $"sendmail: line {i + 1} of {path} is not 'name = value' with a name from: socket, spool, host, port, user, password, password_file, certificate_name, ca, from, message_size, timeout.");
        }
        if (settings.IsRemote && (settings.User.Length == 0 || settings.Password.Length == 0))
            throw new SendmailException(ExitCode.Configuration, $"sendmail: {path} names a host, so it needs user and password (or password_file) of a site; on the mail host: sternpost site add.");
        return settings;
    }

    private bool Set(string name, string value)
    {
        switch (name)
        {
            case "socket": Socket = value; return true;
            case "spool": Spool = value; return true;
            case "host": Host = value; return true;
            case "port": return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 && (Port = port) > 0;
            case "user": User = value; return true;
            case "password": Password = value; return true;
            case "password_file": Password = FirstLine(value); return true;
            case "certificate_name": CertificateName = value; return true;
            case "ca": Authorities = value; return true;
            case "from": From = value; return true;
            case "message_size": return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 && (MessageSize = size) > 0;
            case "timeout":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds == 0) return false;
                Patience = TimeSpan.FromSeconds(seconds);
                return true;
            default: return false;
        }
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault("").Trim();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new SendmailException(ExitCode.Configuration, $"sendmail: the password file {path} cannot be read by this user.");
        }
    }
}
