using System.Text.RegularExpressions;
using MailKit.Net.Imap;
using MailKit.Security;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>The Dovecot of Debian: takes mail by LMTP into Maildirs and shows it by IMAP over TLS. Every user has the same password, and there is a master user.</summary>
public sealed partial class RealDovecot : IAsyncDisposable
{
    public const string Password = "users-own-password", Master = "gateway", MasterPassword = "masters-own-password";

    private readonly ServerProcess process;

    private RealDovecot(string folder, int imap, ServerProcess process)
    {
        Folder = folder;
        Imap = imap;
        this.process = process;
    }

    public string Folder { get; }

    public string Lmtp => Path.Combine(Folder, "run", "lmtp");

    /// <summary>The port of IMAP over TLS.</summary>
    public int Imap { get; }

    public string Certificate => Path.Combine(Folder, "cert.pem");

    public static async Task<RealDovecot> StartAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Dovecot is started by root only.");
        var folder = Path.Combine(Path.GetTempPath(), "sternpost-dovecot-" + Guid.NewGuid().ToString("n")[..12]);
        foreach (var part in new[] { "run", "mail", "state" }) Directory.CreateDirectory(Path.Combine(folder, part));
        await CertificateAsync(folder, "localhost");
        var imap = 1993 + Ports.NextOffset();
        await File.WriteAllTextAsync(Path.Combine(folder, "dovecot.conf"), $$"""
            protocols = lmtp imap
            base_dir = {{folder}}/run
            state_dir = {{folder}}/state
            log_path = {{folder}}/log
            ssl = required
            ssl_cert = <{{folder}}/cert.pem
            ssl_key = <{{folder}}/key.pem
            mail_location = maildir:{{folder}}/mail/%n
            mail_uid = nobody
            mail_gid = nogroup
            first_valid_uid = 1
            first_valid_gid = 1
            auth_master_user_separator = *
            userdb {
              driver = static
              args = uid=nobody gid=nogroup home={{folder}}/mail/%n allow_all_users=yes
            }
            passdb {
              driver = static
              args = password={{MasterPassword}}
              master = yes
            }
            passdb {
              driver = static
              args = password={{Password}}
            }
            namespace inbox {
              inbox = yes
              mailbox Junk {
                auto = create
                special_use = \Junk
              }
              mailbox Trash {
                auto = create
                special_use = \Trash
              }
            }
            service imap-login {
              inet_listener imap {
                port = 0
              }
              inet_listener imaps {
                address = 127.0.0.1
                port = {{imap}}
                ssl = yes
              }
            }
            service lmtp {
              unix_listener lmtp {
                mode = 0666
              }
            }
            """);
        await Peer.RunAsync("sh", ["-c", $"chmod 755 {folder} {folder}/run; chown nobody {folder}/mail"]);
        var process = ServerProcess.StartProgram("dovecot", ["-F", "-c", Path.Combine(folder, "dovecot.conf")]);
        var dovecot = new RealDovecot(folder, imap, process);
        await process.WaitAsync(() => Task.FromResult(File.Exists(dovecot.Lmtp)));
        return dovecot;
    }

    /// <summary>Key and certificate of a name in one file, and each in a file of its own.</summary>
    public static async Task<string> CertificateAsync(string folder, string name)
    {
        var file = Path.Combine(folder, "chain.pem");
        var made = await Peer.RunAsync("sh", ["-ec", $"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={name} -addext subjectAltName=DNS:{name} -days 2 -keyout {folder}/key.pem -out {folder}/cert.pem 2>/dev/null; cat {folder}/key.pem {folder}/cert.pem > {file}"]);
        Assert.True(made.ExitCode == 0, made.Errors);
        return file;
    }

    /// <summary>A user's mail program.</summary>
    public async Task<ImapClient> SignInAsync(string user)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" };
        await client.ConnectAsync("127.0.0.1", Imap, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync(user, Password);
        return client;
    }

    public IReadOnlyList<string> Subjects(string user) => [.. Messages(user).Select(text => SubjectLine().Match(text).Groups[1].Value.Trim())];

    public string Any(string user) => Messages(user).First();

    /// <summary>What Dovecot logged.</summary>
    public string Log => File.Exists(Path.Combine(Folder, "log")) ? File.ReadAllText(Path.Combine(Folder, "log")) : "";

    public async ValueTask DisposeAsync()
    {
        await process.TerminateAsync();
        process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<string> Messages(string user)
    {
        var folder = Path.Combine(Folder, "mail", user, "new");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Select(File.ReadAllText) : [];
    }

    [GeneratedRegex(@"^Subject: (.*)$", RegexOptions.Multiline)]
    private static partial Regex SubjectLine();
}
