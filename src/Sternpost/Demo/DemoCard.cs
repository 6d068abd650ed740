namespace Sternpost.Demo;

/// <summary>The card a person reads: how to reach the demo.</summary>
internal static class DemoCard
{
    public static string Of(DemoFile facts, string folder)
    {
        var ports = facts.Ports;
        var accounts = facts.Accounts.Select((account, index) => $"  {(index == 0 ? "Accounts" : ""),-12}{account.Address,-18} password {account.Password}");
        return $"""

            Sternpost demo: a whole mail server, on this computer only.

            {string.Join(Environment.NewLine, accounts)}
              Read        IMAP localhost:{ports.Imaps} (TLS) or :{ports.Imap} (STARTTLS), POP3 localhost:{ports.Pop3s} (TLS)
              Send        SMTP localhost:{ports.Submissions} (TLS) or :{ports.Submission} (STARTTLS)
              Sort        ManageSieve localhost:{ports.ManageSieve} (STARTTLS), for Sieve scripts
              From afar   SMTP localhost:{ports.Mx}, as another mail server would bring mail in
              Web         {facts.Web}
              Trust       {facts.Ca}
              Facts       {Path.GetFullPath(DemoFile.PathIn(folder))} (the same, for scripts)

            """;
    }
}
