using Sternpost.Accounts.Scripts;
using Sternpost.Filter.Verdicts;
using Sternpost.Mailboxes;
using Sternpost.Sieve.Running;
using Sternpost.Smtp.Intake;

namespace Sternpost.Queue.Filing;

/// <summary>Thrown out of a run that asked what has to be looked up; the run is made again when it has been.</summary>
internal sealed class LookupNeededException : Exception;

/// <summary>The server as a script sees it during one delivery.</summary>
internal sealed class FilingHost(IncomingMessage message, string recipient, Verdict? verdict, IReadOnlyList<Mailbox> mailboxes, string hostName, string domain, DateTimeOffset now) : ISieveHost
{
    // From this score on spam is spam for certain.
    private const double Certain = 10;

    /// <summary>What has been looked up: whether it was seen, by its digest.</summary>
    internal Dictionary<string, bool> Seen { get; } = [];

    /// <summary>What the run asked to remember.</summary>
    internal Dictionary<string, (byte[] Digest, TimeSpan Keep)> Asked { get; } = [];

    /// <inheritdoc/>
    public DateTimeOffset Now => now;

    /// <inheritdoc/>
    public string? EnvelopeFrom => message.Envelope.ReversePath?.ToString();

    /// <inheritdoc/>
    public string? EnvelopeTo => recipient;

    /// <inheritdoc/>
    public string? EnvelopeAuth => message.Submitter?.Address.ToString();

    /// <inheritdoc/>
    public string DetailSeparators => "+";

    /// <inheritdoc/>
    // RFC 5235 §2.1: 0 is not tested, 1 certainly wanted, 10 certainly spam; Junk begins at 5.
    public (int Score, int? Percent) Spam => verdict is null ? (0, null)
        : (Math.Clamp(1 + (int)(Math.Max(0, verdict.Score) / Certain * 9), 1, 10), (int)Math.Round(Math.Clamp(verdict.Score / Certain, 0, 1) * 100));

    /// <inheritdoc/>
    public int Virus => verdict is null ? 0 : verdict.Findings.Any(finding => finding.Symbol.StartsWith("VIRUS", StringComparison.Ordinal)) ? 5 : 0;

    /// <inheritdoc/>
    public bool MailboxExists(string mailbox) => Find(mailbox) is not null;

    /// <inheritdoc/>
    public bool SpecialUseExists(string? mailbox, string use) =>
        UseOf(use) is { } wanted && (mailbox is null ? mailboxes.Any(one => one.Use == wanted) : Find(mailbox)?.Use == wanted);

    /// <inheritdoc/>
    // RFC 5183 §4.1.
    public string? Environment(string name) => name switch
    {
        "domain" => domain,
        "host" => hostName,
        "location" => "MDA",
        "phase" => "during",
        "name" => "Sternpost",
        "version" => typeof(FilingHost).Assembly.GetName().Version?.ToString(3) ?? "",
        "remote-host" => message.Session.ReverseName?.Ascii ?? "",
        "remote-ip" => message.Session.ClientAddress.ToString(),
        _ => null,
    };

    /// <inheritdoc/>
    public bool IsDuplicate(string handle, string id, TimeSpan keep, bool last)
    {
        var digest = ScriptSightings.Digest("duplicate", handle, id);
        var key = Convert.ToHexString(digest);
        if (!Seen.TryGetValue(key, out var seen))
        {
            Asked[key] = (digest, keep);
            throw new LookupNeededException();
        }
        // RFC 7352 §3.1: with :last each sight begins the time anew.
        if (!seen || last) Asked[key] = (digest, keep);
        else Asked.Remove(key);
        return seen;
    }

    /// <inheritdoc/>
    // What this server says of a message.
    public bool IsProtectedField(string name) => name.Equals("authentication-results", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-sternpost-", StringComparison.OrdinalIgnoreCase) || name.Equals("return-path", StringComparison.OrdinalIgnoreCase);

    internal static SpecialUse? UseOf(string use) => use.ToLowerInvariant() switch
    {
        "\\inbox" => SpecialUse.Inbox,
        "\\drafts" => SpecialUse.Drafts,
        "\\sent" => SpecialUse.Sent,
        "\\junk" => SpecialUse.Junk,
        "\\trash" => SpecialUse.Trash,
        "\\archive" => SpecialUse.Archive,
        _ => null,
    };

    private Mailbox? Find(string name) => mailboxes.FirstOrDefault(mailbox => mailbox.Name == name || (mailbox.Use == SpecialUse.Inbox && name.Equals("INBOX", StringComparison.OrdinalIgnoreCase)));
}
