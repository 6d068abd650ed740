using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>
/// The Exim of Debian (exim4-daemon-heavy, the one built with content scanning). It cannot be installed beside Postfix, so ./test
/// unpacks it into artifacts/; it runs there as root, offered one message at a time on its standard input.
/// </summary>
public sealed class RealExim : IAsyncDisposable
{
    private readonly string program;
    private readonly string folder;

    private RealExim(string program, string folder)
    {
        this.program = program;
        this.folder = folder;
    }

    public static async Task<RealExim> StartAsync(string spamd)
    {
        var program = Path.Combine(Root(), "artifacts", "peers", "exim", "usr", "sbin", "exim4");
        Assert.SkipUnless(File.Exists(program) && Environment.UserName == "root", "exim4-daemon-heavy is not unpacked here; ./test does it.");
        var folder = Path.Combine(Path.GetTempPath(), "sternpost-exim-" + Guid.NewGuid().ToString("n")[..12]);
        Directory.CreateDirectory(Path.Combine(folder, "spool"));
        // Every message is refused at its end with the score: what a test wants to know, and nothing needs delivery.
        await File.WriteAllTextAsync(Path.Combine(folder, "exim.conf"), $"""
            primary_hostname = front.example
            spool_directory = {folder}/spool
            log_file_path = {folder}/log-%s
            {spamd}
            domainlist local_domains = example.com
            acl_smtp_rcpt = acl_rcpt
            acl_smtp_data = acl_data
            rfc1413_query_timeout = 0s
            helo_allow_chars = _[]:
            helo_accept_junk_hosts = *
            strip_excess_angle_brackets
            begin acl
            acl_rcpt:
              accept
            acl_data:
              warn  spam = nobody:true
              deny  message = score $spam_score_int
            begin routers
            nowhere:
              driver = redirect
              data = :blackhole:
            """ + "\n");
        await Peer.RunAsync("sh", ["-c", $"chown -R Debian-exim {folder}; chmod 755 {folder}; chown root {folder}/exim.conf"]);
        return new RealExim(program, folder);
    }

    /// <summary>The reply to the message's end, as the given client hears it.</summary>
    public async Task<string> OfferAsync(FrontMail mail)
    {
        var text = Encoding.Latin1.GetString(mail.Sent).Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        var dialogue = $"EHLO {mail.Helo}\r\nMAIL FROM:<{mail.From}>\r\nRCPT TO:<{FrontMail.Recipient}>\r\nDATA\r\n{text}{(text.EndsWith("\r\n", StringComparison.Ordinal) ? "" : "\r\n")}.\r\nQUIT\r\n";
        List<string> arguments = ["-C", Path.Combine(folder, "exim.conf"), "-bs", "-oMa", mail.Client];
        if (mail.ReverseName != "unknown") arguments.AddRange(["-oMs", mail.ReverseName]);
        var outcome = await Peer.RunAsync(program, arguments, octets: Encoding.Latin1.GetBytes(dialogue));
        return outcome.Output + outcome.Errors;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sternpost.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
