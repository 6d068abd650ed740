using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.Scripts;
using Sternpost.Filter.Verdicts;
using Sternpost.Mailboxes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Sieve;
using Sternpost.Sieve.Actions;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Filing;

/// <summary>
/// Runs the Sieve scripts of accounts over mail that comes for them. A script that cannot be run, or fails, keeps the message in the inbox
/// (RFC 5228 §2.10.6): nothing is ever lost for a script.
/// </summary>
public sealed class ScriptedDelivery(
    Database database, ScriptStore scripts, MailStore mail, AccountDirectory directory, ServerMail own, string hostName, TimeProvider time, ILogger<ScriptedDelivery> log)
{
    private const int MostCompiled = 2000;
    private const int MostLookups = 16;
    // An account's scripts send at most so many answers and notices in an hour.
    private const int MostRepliesAnHour = 100;
    private const int MostCounted = 20_000;

    private readonly ConcurrentDictionary<long, Compiled> compiled = new();
    private readonly ConcurrentDictionary<long, (long Hour, int Count)> replies = new();
    private readonly AutomaticReplies writer = new(hostName);
    private DateTimeOffset forgotten = DateTimeOffset.MinValue;

    private sealed record Compiled(long Version, SieveScript? Script, string Problem);

    /// <summary>What the account's script makes of a message; null where it has none, or where the message is junk and the script does not ask how much.</summary>
    internal async ValueTask<ScriptFiling?> FileAsync(IncomingMessage message, LocalCopy copy, Verdict? verdict, ReadOnlyMemory<byte> prefix, CancellationToken cancellation)
    {
        if (await scripts.ActiveAsync(copy.Account.Id, cancellation).ConfigureAwait(false) is not { } active) return null;
        var (_, script, problem) = await CompileAsync(copy.Account.Id, active, cancellation).ConfigureAwait(false);
        var isJunk = verdict?.Disposition is Disposition.Junk or Disposition.Reject;
        if (isJunk && script?.TestsSpam != true) return null;
        if (script is null)
        {
            log.ScriptUnsound(copy.Account.Address.ToString(), active.Name.Value, problem);
            return Kept(isJunk, $"its script {active.Name} cannot be run", $"The script is broken: {problem}. Mend it, or turn it off with: sternpost sieve deactivate {copy.Account.Address}");
        }
        var whole = (byte[])[.. prefix.Span, .. message.Content.Span];
        var mailboxes = await mail.ListAsync(copy.Account.Id, cancellation).ConfigureAwait(false);
        var host = new FilingHost(message, copy.Recipient.Address.ToString(), verdict, mailboxes, hostName, copy.Account.Address.Domain.Ascii, time.GetLocalNow());
        var outcome = await RunAsync(script, whole, host, copy.Account.Id, cancellation).ConfigureAwait(false);
        if (outcome.Problem is { } failure)
        {
            log.ScriptFailed(copy.Account.Address.ToString(), active.Name.Value, failure.Line, failure.Text);
            return Kept(isJunk, $"its script {active.Name} failed", $"Line {failure.Line} of the script: {failure.Text}. The message was kept as it came.");
        }
        return await ToFilingAsync(outcome, message, copy, host, isJunk, active.Name.Value, cancellation).ConfigureAwait(false);
    }

    // A run asks about ids nobody can know beforehand: each is looked up, and the run made again, for it changes nothing by itself.
    private async ValueTask<ScriptOutcome> RunAsync(SieveScript script, byte[] whole, FilingHost host, long accountId, CancellationToken cancellation)
    {
        for (var lookups = 0; ; lookups++)
        {
            try
            {
                return script.Run(whole, host);
            }
            catch (LookupNeededException) when (lookups < MostLookups)
            {
                foreach (var (key, (digest, _)) in host.Asked)
                {
                    if (!host.Seen.ContainsKey(key)) host.Seen[key] = await database.ReadAsync(sql => ScriptSightings.IsSeen(sql, accountId, digest, host.Now), cancellation).ConfigureAwait(false);
                }
            }
            catch (LookupNeededException)
            {
                return new ScriptOutcome([new KeepAction(0, [])], new Sieve.Language.ScriptProblem(0, $"a script may ask for duplicates at most {MostLookups} times"));
            }
        }
    }

    private async ValueTask<ScriptFiling> ToFilingAsync(ScriptOutcome outcome, IncomingMessage message, LocalCopy copy, FilingHost host, bool isJunk, string name, CancellationToken cancellation)
    {
        var filing = new ScriptFiling();
        List<string> words = [];
        foreach (var action in outcome.Actions)
        {
            // Not by "?:": null would become an empty array, and that an empty message.
            ReadOnlyMemory<byte>? edited = null;
            if (outcome.IsEdited(action)) edited = outcome.ContentOf(action);
            switch (action)
            {
                case KeepAction keep:
                    filing.Copies.Add(Copy(null, isJunk ? SpecialUse.Junk : SpecialUse.Inbox, false, keep.Flags, edited));
                    words.Add(isJunk ? "kept in Junk" : "kept in the inbox");
                    break;
                case FileIntoAction file:
                    var use = file.SpecialUse is { } wanted && FilingHost.UseOf(wanted) is { } known && host.SpecialUseExists(null, wanted) ? known : (SpecialUse?)null;
                    filing.Copies.Add(Copy(use is null ? file.Mailbox : null, use ?? SpecialUse.None, file.Create, file.Flags, edited));
                    words.Add($"filed into {file.Mailbox}");
                    break;
                case RedirectAction redirect:
                    filing.Redirects.Add(redirect.Address);
                    words.Add($"sent on to {redirect.Address}");
                    break;
                case RejectAction reject:
                    filing.Rejection = reject.Reason;
                    words.Add("refused");
                    break;
                case DiscardAction:
                    words.Add("thrown away");
                    break;
                case VacationAction vacation:
                    if (await AnswerAsync(vacation, message, copy, filing, cancellation).ConfigureAwait(false)) words.Add("answered");
                    break;
                case NotifyAction notify:
                    if (await NotifyAsync(notify, message, copy, filing, cancellation).ConfigureAwait(false)) words.Add("told to " + string.Join(", ", notify.Method.To));
                    break;
            }
        }
        foreach (var (digest, keep) in host.Asked.Values) filing.Alongside.Add(sql => ScriptSightings.See(sql, copy.Account.Id, digest, host.Now + keep));
        if (host.Now - forgotten > TimeSpan.FromHours(1))
        {
            forgotten = host.Now;
            filing.Alongside.Add(sql => ScriptSightings.Forget(sql, host.Now));
        }
        filing.Words = $"by the script {name} {string.Join(", ", words)}";
        return filing;
    }

    private static FiledCopy Copy(string? mailbox, SpecialUse use, bool create, IReadOnlyList<string> flags, ReadOnlyMemory<byte>? edited)
    {
        var (system, keywords) = (MessageFlags.None, ImmutableArray.CreateBuilder<string>());
        foreach (var flag in flags)
        {
            switch (flag.ToLowerInvariant())
            {
                case "\\seen": system |= MessageFlags.Seen; break;
                case "\\answered": system |= MessageFlags.Answered; break;
                case "\\flagged": system |= MessageFlags.Flagged; break;
                case "\\deleted": system |= MessageFlags.Deleted; break;
                case "\\draft": system |= MessageFlags.Draft; break;
                default: keywords.Add(flag); break;
            }
        }
        return new FiledCopy(mailbox, use, create, system, keywords.ToImmutable(), edited);
    }

    /// <summary>Instead of a script's refusal, for mail that somebody let go from quarantine.</summary>
    internal static ScriptFiling Released() => Kept(isJunk: false, "it was let go from quarantine, though its script refuses such mail", "");

    private static ScriptFiling Kept(bool isJunk, string words, string advice)
    {
        var filing = new ScriptFiling { Words = $"kept in {(isJunk ? "Junk" : "the inbox")}, because {words}", Advice = advice };
        filing.Copies.Add(Copy(null, isJunk ? SpecialUse.Junk : SpecialUse.Inbox, false, [], null));
        return filing;
    }

    private async ValueTask<bool> AnswerAsync(VacationAction vacation, IncomingMessage message, LocalCopy copy, ScriptFiling filing, CancellationToken cancellation)
    {
        if (message.Envelope.ReversePath is not { } sender) return false;
        if (await writer.AnswerAsync(vacation, sender, AuthorOf(copy, cancellation), message.Content, time.GetUtcNow(), cancellation).ConfigureAwait(false) is not { } answer) return false;
        var now = time.GetUtcNow();
        // RFC 5230 §4.2: an answer is known by its handle, or by all it says.
        var digest = ScriptSightings.Digest("vacation", vacation.Handle ?? $"{vacation.Reason}\0{vacation.Subject}\0{vacation.From}\0{vacation.IsMime}", sender.Key);
        var every = vacation.Every ?? SieveLimits.Default.VacationDefault;
        if (every > TimeSpan.Zero && await database.ReadAsync(sql => ScriptSightings.IsSeen(sql, copy.Account.Id, digest, now), cancellation).ConfigureAwait(false)) return false;
        if (!MayReply(copy.Account.Id) || await own.PlanAsync(database.NextId(), sender, answer, TransportNeed.Usual, cancellation).ConfigureAwait(false) is not { } planned) return false;
        filing.Replies.Add(planned);
        KeepCopy(filing, vacation.Copy, answer);
        if (every > TimeSpan.Zero) filing.Alongside.Add(sql => ScriptSightings.See(sql, copy.Account.Id, digest, now + every));
        return true;
    }

    private async ValueTask<bool> NotifyAsync(NotifyAction notify, IncomingMessage message, LocalCopy copy, ScriptFiling filing, CancellationToken cancellation)
    {
        // RFC 5436 §2.7.1, RFC 3834 §2: what a machine sent makes no notices, or two machines talk for ever.
        if (AutomaticReplies.IsAutomatic(message.Content)) return false;
        var any = false;
        foreach (var address in notify.Method.To)
        {
            if (!MayReply(copy.Account.Id)) break;
            var notice = writer.Notice(notify, address, AuthorOf(copy, cancellation), message.Content, time.GetUtcNow());
            if (await own.PlanAsync(database.NextId(), address, notice, TransportNeed.Usual, cancellation).ConfigureAwait(false) is not { } planned) continue;
            filing.Replies.Add(planned);
            if (!any) KeepCopy(filing, notify.Copy, notice);
            any = true;
        }
        return any;
    }

    // RFC 8580 §3.
    private static void KeepCopy(ScriptFiling filing, FileIntoAction? copy, byte[] content)
    {
        if (copy is not null) filing.Copies.Add(Copy(copy.Mailbox, SpecialUse.None, copy.Create, copy.Flags, content));
    }

    private ReplyAuthor AuthorOf(LocalCopy copy, CancellationToken cancellation) =>
        new(copy.Recipient.Address, copy.Account.DisplayName, address => address == copy.Account.Address ? ValueTask.FromResult(true) : directory.MaySendAsAsync(copy.Account, address, cancellation));

    private bool MayReply(long accountId)
    {
        if (replies.Count > MostCounted) replies.Clear();
        var hour = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
        return replies.AddOrUpdate(accountId, (hour, 1), (_, before) => before.Hour == hour ? (hour, before.Count + 1) : (hour, 1)).Count <= MostRepliesAnHour;
    }

    private async ValueTask<Compiled> CompileAsync(long accountId, ActiveScript active, CancellationToken cancellation)
    {
        if (compiled.TryGetValue(accountId, out var known) && known.Version == active.Version) return known;
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        if (active.Content.Span.IndexOf("include"u8) >= 0)
        {
            foreach (var other in await scripts.ListAsync(accountId, cancellation).ConfigureAwait(false))
            {
                if (await scripts.ReadAsync(accountId, other.Name, cancellation).ConfigureAwait(false) is { } text) others[other.Name.Value] = System.Text.Encoding.UTF8.GetString(text.Span);
            }
        }
        var compilation = ScriptCompiler.Compile(active.Content, null, (location, name) => location == Sieve.Running.ScriptLocation.Personal ? others.GetValueOrDefault(name) : null);
        if (compiled.Count >= MostCompiled) compiled.Clear();
        return compiled[accountId] = new Compiled(active.Version, compilation.Script, compilation.Problems.FirstOrDefault(problem => !problem.IsWarning)?.ToString() ?? "");
    }
}
