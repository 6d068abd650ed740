using System.Data.Common;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sternpost.Queue.Schedule;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Queue.Delivery;

/// <summary>What the sender of a message notes before its end: enough to settle it should he not live to read the reply.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Host">The server.</param>
/// <param name="Protection">How its connection was protected, as <see cref="AttemptProtection.ToJson"/> writes it.</param>
/// <param name="Recipients">Rows of the recipients it may be taken for.</param>
/// <param name="NotifiesSuccess">See <see cref="RecipientResult.NotifiesSuccess"/>.</param>
internal sealed record LeftHandover(long MessageId, string Host, string Protection, IReadOnlyList<long> Recipients, bool NotifiesSuccess)
{
    internal static ReadOnlyMemory<byte> Note(long message, AttemptedAt where, IEnumerable<long> recipients, bool notifiesSuccess) =>
        JsonSerializer.SerializeToUtf8Bytes(new LeftHandover(message, where.Host, where.Protection.ToJson(), [.. recipients], notifiesSuccess));

    internal static LeftHandover? Of(ReadOnlyMemory<byte> note)
    {
        try
        {
            return JsonSerializer.Deserialize<LeftHandover>(note.Span) is { Host: not null, Protection: not null, Recipients: not null } left ? left : null;
        }
        catch (JsonException)
        {
            // Not one of this version's: it says nothing.
            return null;
        }
    }

    internal Handover Taken(SmtpReply reply) =>
        new(MessageId, Host, Protection, [.. Recipients.Select(recipient => new TakenRecipient(recipient, reply.StatusOrDefault, $"{reply.Code} {reply.ToLine()}", NotifiesSuccess))]);
}

/// <summary>
/// Messages of which the last process had sent the end and not read the reply: the keeper of its connections lives on and hears it. Until
/// then nobody takes them up.
/// </summary>
internal sealed class LeftHandovers(string folder, InterruptedHandovers interrupted, ActiveSet active, QueueSignal signal, ILogger log)
{
    // What a keeper needs to see that its server is gone; one that lists nothing for so long has a server that lives.
    private static readonly TimeSpan Listing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    /// <summary>Finds what was left, and has it left alone; answers the files to look into.</summary>
    internal async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation)
    {
        List<string> files = [];
        foreach (var path in KeptWires.NotesIn(folder))
        {
            var left = await HandoverNotes.ReadAsync(path, Listing, cancellation).ConfigureAwait(false);
            if (left is null)
            {
                if (!HandoverNotes.IsHeld(path)) HandoverNotes.Delete(path);
                continue;
            }
            active.Withhold(left.Select(note => LeftHandover.Of(note.Note)).OfType<LeftHandover>().Select(note => note.MessageId));
            files.Add(path);
        }
        return files;
    }

    /// <summary>Settles each when its reply is known, until none is left.</summary>
    internal async Task SettleAsync(IReadOnlyList<string> files, CancellationToken stopping)
    {
        var open = files.ToDictionary(path => path, _ => new HashSet<int>());
        try
        {
            while (open.Count > 0)
            {
                foreach (var (path, settled) in open.ToList())
                {
                    // Asked first: a keeper that ends meanwhile has written all before.
                    var held = HandoverNotes.IsHeld(path);
                    await SettleAsync(HandoverNotes.Read(path) ?? [], settled, held, stopping).ConfigureAwait(false);
                    if (held) continue;
                    HandoverNotes.Delete(path);
                    open.Remove(path);
                }
                if (open.Count > 0) await Task.Delay(Step, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The files lie there for the next start.
        }
        catch (Exception broken) when (broken is DbException or IOException or UnauthorizedAccessException)
        {
            // The messages stay withheld until the next start: that is late, and not twice.
            log.LeftHandoversFailed(broken);
        }
    }

    private async Task SettleAsync(IReadOnlyList<LeftNote> notes, HashSet<int> settled, bool held, CancellationToken stopping)
    {
        var spared = 0;
        for (var i = 0; i < notes.Count; i++)
        {
            var note = notes[i];
            if ((held && !note.IsOver) || !settled.Add(i) || LeftHandover.Of(note.Note) is not { } left) continue;
            if (note.Reply is { IsPositive: true } reply) spared += await interrupted.SettleAsync(left.Taken(reply), stopping).ConfigureAwait(false);
            active.LetGo(left.MessageId);
        }
        if (spared == 0) return;
        log.HandoversFound(spared);
        signal.Wake();
    }
}
