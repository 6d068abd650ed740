using System.Net;
using System.Text;
using Sternpost.Configuration;

namespace Sternpost.Web;

/// <summary>The page at /help (and at / where there is no webmail): what runs here and how to set up a mail program. No script, one style sheet of its own.</summary>
internal static class StartPage
{
    /// <summary>The style sheet, served at /style.css so that the content policy can forbid inline styles.</summary>
    public const string Style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
        th, td, h1 { overflow-wrap: anywhere; }
        th:nth-child(3), td:nth-child(3) { overflow-wrap: normal; }
        code { font-family: ui-monospace, monospace; }
        """;

    public static byte[] Html(ServerConfiguration configuration)
    {
        var host = WebUtility.HtmlEncode(configuration.Server.Hostname.Unicode);
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
            .Append(host).Append(" – mail</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n<h1>").Append(host)
            .Append("</h1>\n<p>This is a mail server. It runs Sternpost.</p>\n<h2>Setting up your mail program</h2>\n")
            .Append("<p>Your user name is your whole mail address. Most programs need no more than that and your password; if yours asks for servers, these are they:</p>\n<table>\n")
            .Append("<tr><th>For</th><th>Server</th><th>Port</th><th>Security</th></tr>\n");
        var listeners = configuration.Listeners;
        Row(page, "Reading mail (IMAP)", host, listeners.Imaps.Port, "TLS");
        Row(page, "Reading mail (IMAP)", host, listeners.Imap.Port, "STARTTLS");
        Row(page, "Fetching mail (POP3)", host, listeners.Pop3s.Port, "TLS");
        Row(page, "Sorting mail by rules (ManageSieve)", host, listeners.ManageSieve.Port, "STARTTLS");
        Row(page, "Sending mail (SMTP)", host, listeners.Submissions.Port, "TLS");
        Row(page, "Sending mail (SMTP)", host, listeners.Submission.Port, "STARTTLS");
        page.Append("</table>\n<p>Something you sent here was refused? The refusal names its reason and a reference; quote both to <code>postmaster@</code> the domain you wrote to.</p>\n</main>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void Row(StringBuilder page, string purpose, string host, int port, string security)
    {
        if (port == 0) return;
        page.Append("<tr><td>").Append(purpose).Append("</td><td><code>").Append(host).Append("</code></td><td>").Append(port).Append("</td><td>").Append(security).Append("</td></tr>\n");
    }
}
