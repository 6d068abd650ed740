using System.Globalization;
using System.Text.RegularExpressions;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Filing;
using Sternpost.Sieve;
using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Unit.Sieve.Testsuite;

/// <summary>A message that left by SMTP.</summary>
internal sealed record SentMail(string? From, string To, ReadOnlyMemory<byte> Content);

/// <summary>A message in a mailbox.</summary>
internal sealed record FiledMail(ReadOnlyMemory<byte> Content, IReadOnlyList<string> Flags);

/// <summary>The server around a suite's scripts: mailboxes and post in memory, settings as the suite makes them.</summary>
internal sealed class TestsuiteServer : ISieveHost
{
    private readonly HashSet<(string, string)> seen = [];

    internal Dictionary<string, List<FiledMail>> Mailboxes { get; } = new(StringComparer.Ordinal) { ["INBOX"] = [] };

    internal Dictionary<string, HashSet<string>> Uses { get; } = new(StringComparer.Ordinal);

    internal List<SentMail> Sent { get; } = [];

    internal Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Errors since the last compilation or run.</summary>
    internal List<ScriptProblem> Errors { get; } = [];

    public DateTimeOffset Now => DateTimeOffset.Now;

    public string? EnvelopeFrom { get; set; } = "sender@example.com";

    public string? EnvelopeTo { get; set; } = "recipient@example.com";

    public string? EnvelopeAuth { get; set; }

    public string DetailSeparators => Settings.GetValueOrDefault("recipient_delimiter", "+");

    /// <summary>The message scripts look at now, for settings that read its header.</summary>
    internal SieveMessage? Message { get; set; }

    // The suite has a filter's verdict in a field of the message and says by settings how to read it.
    public (int Score, int? Percent) Spam
    {
        get
        {
            if (Status("spamtest") is not { } status) return (0, null);
            switch (Settings.GetValueOrDefault("sieve_spamtest_status_type", "score"))
            {
                case "text":
                    for (var score = 1; score <= 10; score++)
                    {
                        if (Settings.GetValueOrDefault($"sieve_spamtest_text_value/{score}") == status) return (score, score * 10);
                    }
                    return (0, null);
                case var type:
                    var most = Settings.TryGetValue("sieve_spamtest_score_max_value", out var fixedMost) ? fixedMost : Field(Settings.GetValueOrDefault("sieve_spamtest_score_max_header", "")) ?? "10";
                    var value = type == "strlen" ? status.Length : double.Parse(status, CultureInfo.InvariantCulture);
                    var share = Math.Clamp(value / double.Parse(most, CultureInfo.InvariantCulture), 0, 1);
                    return (1 + (int)(share * 9), (int)(share * 100));
            }
        }
    }

    public int Virus
    {
        get
        {
            if (Status("virustest") is not { } status) return 0;
            for (var level = 1; level <= 5; level++)
            {
                if (Settings.GetValueOrDefault($"sieve_virustest_text_value/{level}") == status) return level;
            }
            return 0;
        }
    }

    private string? Status(string test) => Settings.TryGetValue($"sieve_{test}_status_header", out var setting) ? Field(setting) : null;

    // "name", or "name: expression" of which the first group counts.
    private string? Field(string setting)
    {
        var colon = setting.IndexOf(':');
        var value = Message?.Named(colon < 0 ? setting : setting[..colon]).FirstOrDefault()?.Value;
        if (value is null || colon < 0) return value;
        var match = Regex.Match(value, setting[(colon + 1)..].Trim().Replace("\\\\", "\\", StringComparison.Ordinal));
        return match.Success ? match.Groups[1].Value : null;
    }

    public bool MailboxExists(string mailbox) => Mailboxes.ContainsKey(Normal(mailbox));

    public bool SpecialUseExists(string? mailbox, string use) => mailbox is null
        ? Uses.Values.Any(uses => uses.Contains(use))
        : Uses.TryGetValue(Normal(mailbox), out var own) && own.Contains(use);

    public string? Environment(string name) => name switch
    {
        "domain" => "example.com",
        "host" => "host.example.com",
        "location" => "MS",
        "phase" => "during",
        "name" => "Sternpost",
        "version" => "1",
        _ => null,
    };

    public bool IsDuplicate(string handle, string id, TimeSpan keep, bool last) => !seen.Add((handle, id));

    public bool IsProtectedField(string name) => Settings.GetValueOrDefault("sieve_editheader_header", "").Split(' ').Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The limits as the suite has set them.</summary>
    internal SieveLimits Limits => new()
    {
        Includes = Number("sieve_include_max_includes", 255),
        IncludeDepth = Number("sieve_include_max_nesting_depth", 10),
        HeaderCharacters = Number("sieve_editheader_max_header_size", 64 * 1024),
        VariableCharacters = Number("sieve_variables_max_value_size", 64 * 1024),
        Notifications = Number("sieve_notify_mailto_max_recipients", 8),
        VacationLeast = Settings.GetValueOrDefault("sieve_vacation_min_period") == "1s" ? TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1),
    };

    /// <summary>Does what a result asks for; false where something could not be done.</summary>
    internal bool Execute(IEnumerable<SieveAction> actions, bool keep, SieveMessage message, IReadOnlyList<string> flags)
    {
        var sound = true;
        foreach (var action in actions)
        {
            var content = action.Header is { } header ? header.Before(message.Rest.Span) : message.Octets;
            switch (action)
            {
                case KeepAction kept:
                    Mailboxes["INBOX"].Add(new FiledMail(content, kept.Flags));
                    break;
                case FileIntoAction file:
                    sound &= File(file, content);
                    break;
                case VacationAction vacation:
                    Answer(vacation, message);
                    break;
                case NotifyAction when AutomaticReplies.IsAutomatic(message.Octets):
                    break;
                case NotifyAction notify:
                    foreach (var to in notify.Method.To) Sent.Add(new SentMail(null, to.ToString(), new AutomaticReplies("host.example.com").Notice(notify, to, Author, message.Octets, Now)));
                    break;
                case RedirectAction redirect:
                    Sent.Add(new SentMail(EnvelopeFrom, redirect.Address.ToString(), content));
                    break;
            }
        }
        // RFC 5228 §2.10.6: what could not be done leaves the message as it came.
        if (keep || !sound) Mailboxes["INBOX"].Add(new FiledMail(sound && message.Snapshot() is { } edited ? edited.Before(message.Rest.Span) : message.Octets, [.. flags]));
        return sound;
    }

    /// <summary>A message of the suite has the envelope its header says, until a script sets another.</summary>
    internal void Received(SieveMessage message)
    {
        Message = message;
        EnvelopeFrom = First(message, "return-path") ?? First(message, "sender") ?? First(message, "from") ?? "sender@example.com";
        EnvelopeTo = First(message, "to") ?? "recipient@example.com";
    }

    private static string? First(SieveMessage message, string field) =>
        message.Named(field).SelectMany(found => Sternpost.Messages.Structure.AddressList.Parse(found.Value)).Where(address => address is { Mailbox.Length: > 0, Host.Length: > 0 }).Select(address => $"{address.Mailbox}@{address.Host}").FirstOrDefault();

    private ReplyAuthor Author => new(EmailAddress.TryParse(EnvelopeTo ?? "", out var to) ? to : EmailAddress.Parse("recipient@example.com"), "", _ => ValueTask.FromResult(false));

    private void Answer(VacationAction vacation, SieveMessage message)
    {
        if (EnvelopeFrom is null || !EmailAddress.TryParse(EnvelopeFrom, out var sender)) return;
        // The suite lets a user write in any name; the server does not.
        var author = Author with { MaySendAs = address => ValueTask.FromResult(address == vacation.From || Settings.GetValueOrDefault("sieve_user_email") == address.ToString() || Settings.GetValueOrDefault("sieve_vacation_check_recipient") == "no") };
        var answer = new AutomaticReplies("host.example.com").AnswerAsync(vacation, sender, author, message.Octets, Now, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (answer is not null) Sent.Add(new SentMail(null, sender.ToString(), answer));
    }

    private bool File(FileIntoAction file, ReadOnlyMemory<byte> content)
    {
        var name = file.SpecialUse is { } use && Uses.FirstOrDefault(pair => pair.Value.Contains(use)).Key is { } special ? special : Normal(file.Mailbox);
        if (name.Contains("//", StringComparison.Ordinal))
        {
            Errors.Add(new ScriptProblem(file.Line, $"failed to store into mailbox '{name}': the name is invalid"));
            return false;
        }
        if (!Mailboxes.TryGetValue(name, out var box))
        {
            if (!file.Create)
            {
                Errors.Add(new ScriptProblem(file.Line, $"failed to store into mailbox '{name}': it does not exist"));
                return false;
            }
            Mailboxes[name] = box = [];
        }
        box.Add(new FiledMail(content, file.Flags));
        return true;
    }

    // RFC 9051 §5.1: the inbox in any case; the suite has mailboxes below it.
    private static string Normal(string name) => name.Equals("INBOX", StringComparison.OrdinalIgnoreCase) || name.StartsWith("inbox.", StringComparison.OrdinalIgnoreCase) ? "INBOX" + name[5..] : name;

    private int Number(string setting, int otherwise) => Settings.TryGetValue(setting, out var value) && int.TryParse(value, out var number) ? number : otherwise;
}
