using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Sternpost.Mailboxes;

namespace Sternpost.Unit.Mailboxes;

/// <summary>Random operations on the store and on lists in memory: both must tell the same after each, and the invariants must hold.</summary>
public sealed class StoreModelTests
{
    private static readonly string[] Names = ["INBOX", "Junk", "Trash", "a", "a/b", "c"];

    [Fact]
    public void The_store_does_what_lists_in_memory_do()
    {
        var operation = Gen.Select(Gen.Int[0, 10], Gen.Int[0, Names.Length - 1], Gen.Int[0, Names.Length - 1], Gen.Int[0, 255], Gen.Int[0, 31]);
        operation.Array[1, 40].Sample(operations => RunAsync(operations).GetAwaiter().GetResult(), iter: 40, threads: 1);
    }

    private static async Task RunAsync((int Kind, int First, int Second, int Pick, int Flags)[] operations)
    {
        await using var store = await TestStore.OpenAsync();
        var model = new Model();
        await store.Mail.ListAsync(TestStore.Alice, TestStore.Cancellation);
        foreach (var operation in operations)
        {
            await StepAsync(store, model, operation);
            await CompareAsync(store, model);
        }
    }

    private static async Task StepAsync(TestStore store, Model model, (int Kind, int First, int Second, int Pick, int Flags) operation)
    {
        var (name, other) = (Names[operation.First], Names[operation.Second]);
        var flags = (MessageFlags)operation.Flags;
        var mailbox = await store.Mail.FindAsync(TestStore.Alice, name, TestStore.Cancellation);
        var target = await store.Mail.FindAsync(TestStore.Alice, other, TestStore.Cancellation);
        Assert.Equal(model.Has(name), mailbox is not null);
        uint[] uids = [.. Enumerable.Range(1, 8).Where(bit => (operation.Pick & (1 << (bit - 1))) != 0).Select(bit => (uint)bit)];
        switch (operation.Kind)
        {
            case 0 or 1 when mailbox is not null:
                var text = "x" + model.Next();
                await store.Mail.AppendAsync(mailbox.Id, [new NewEmail("p: q\r\n"u8.ToArray(), Encoding.ASCII.GetBytes(text), flags, ["k"], DateTimeOffset.UnixEpoch)], TestStore.Cancellation);
                model.Append(name, "p: q\r\n" + text, flags, ["k"]);
                break;
            case 2:
                text = "d" + model.Next();
                await store.DeliverAsync(Encoding.ASCII.GetBytes(text), new DeliveryTarget(TestStore.Alice, SpecialUse.Inbox, default), new DeliveryTarget(TestStore.Alice, SpecialUse.Junk, default));
                model.Deliver(SpecialUse.Inbox, text);
                model.Deliver(SpecialUse.Junk, text);
                break;
            case 3 or 4 when mailbox is not null:
                var how = (FlagOperation)(operation.Pick % 3);
                ImmutableArray<string> keywords = (operation.Pick & 4) != 0 ? ["K", "l"] : [];
                await store.Mail.StoreFlagsAsync(mailbox.Id, uids, how, flags, keywords, null, TestStore.Cancellation);
                model.Store(name, uids, how, flags, keywords);
                break;
            case 5 when mailbox is not null:
                var removed = await store.Mail.ExpungeAsync(mailbox.Id, (operation.Flags & 1) != 0 ? uids : null, TestStore.Cancellation);
                Assert.Equal(model.Expunge(name, (operation.Flags & 1) != 0 ? uids : null), removed);
                break;
            case 6 when mailbox is not null && target is not null:
                var copied = await store.Mail.CopyAsync(mailbox.Id, uids, target.Id, TestStore.Cancellation);
                Assert.Equal(model.Copy(name, uids, other), copied.Uids);
                break;
            case 7 when mailbox is not null && target is not null:
                var moved = await store.Mail.MoveAsync(mailbox.Id, uids, target.Id, TestStore.Cancellation);
                Assert.Equal(model.Move(name, uids, other), moved.Uids);
                break;
            case 8:
                Assert.Equal(model.Create(name), await store.Mail.CreateAsync(TestStore.Alice, name, SpecialUse.None, TestStore.Cancellation));
                break;
            case 9:
                Assert.Equal(model.Delete(name), await store.Mail.DeleteAsync(TestStore.Alice, name, TestStore.Cancellation));
                break;
            case 10:
                Assert.Equal(model.Rename(name, other), await store.Mail.RenameAsync(TestStore.Alice, name, other, TestStore.Cancellation));
                break;
        }
    }

    private static async Task CompareAsync(TestStore store, Model model)
    {
        await store.CheckAsync();
        foreach (var name in Names)
        {
            if (!model.Has(name)) continue;
            var mailbox = await store.MailboxAsync(name);
            var entries = await store.EntriesAsync(name);
            Assert.Equal(model.Lines(name), entries.Select(entry => $"{entry.Uid} {entry.Flags} {string.Join(',', entry.Keywords)}"));
            Assert.Equal(model.UidNext(name), mailbox.UidNext);
            var since = model.LastSeen(name, mailbox.Id);
            var changes = (await store.Mail.ChangesAsync(mailbox.Id, since.ModSeq, TestStore.Cancellation))!;
            Assert.Equal(since.Uids.Where(uid => entries.All(entry => entry.Uid != uid)), changes.Vanished.Where(since.Uids.Contains));
            Assert.Superset(new HashSet<uint>(entries.Select(entry => entry.Uid).Except(since.Uids)), new HashSet<uint>(changes.Changed.Select(entry => entry.Uid)));
            model.See(name, mailbox.Id, mailbox.HighestModSeq, [.. entries.Select(entry => entry.Uid)]);
            for (var i = 0; i < entries.Count; i++)
                Assert.Equal(model.Text(name, i), Encoding.ASCII.GetString((await store.Mail.ContentAsync(entries[i].EmailId, TestStore.Cancellation))!.Value.Span));
        }
    }

    private sealed class Model
    {
        private readonly Dictionary<string, Box> boxes = new() { ["INBOX"] = new(SpecialUse.Inbox), ["Junk"] = new(SpecialUse.Junk), ["Trash"] = new(SpecialUse.Trash) };
        private readonly Dictionary<string, (long Id, long ModSeq, uint[] Uids)> seen = [];
        private int texts;

        internal int Next() => ++texts;

        internal bool Has(string name) => boxes.ContainsKey(name);

        internal IEnumerable<string> Lines(string name) => boxes[name].Letters.Select(letter => $"{letter.Uid} {letter.Flags} {string.Join(',', letter.Keywords)}");

        internal string Text(string name, int index) => boxes[name].Letters[index].Text;

        internal uint UidNext(string name) => boxes[name].UidNext;

        internal (long ModSeq, uint[] Uids) LastSeen(string name, long id) => seen.TryGetValue(name, out var last) && last.Id == id ? (last.ModSeq, last.Uids) : (0, []);

        internal void See(string name, long id, long modSeq, uint[] uids) => seen[name] = (id, modSeq, uids);

        internal void Append(string name, string text, MessageFlags flags, ImmutableArray<string> keywords) => boxes[name].Add(text, flags, keywords);

        // A mailbox that is renamed keeps its use.
        internal void Deliver(SpecialUse use, string text) => boxes.Values.Single(box => box.Use == use).Add(text, MessageFlags.None, []);

        internal void Store(string name, uint[] uids, FlagOperation how, MessageFlags flags, ImmutableArray<string> keywords)
        {
            foreach (var letter in boxes[name].Letters.Where(letter => uids.Contains(letter.Uid)))
            {
                var (old, words) = (letter.Flags, letter.Keywords);
                letter.Flags = how switch { FlagOperation.Replace => flags, FlagOperation.Add => old | flags, _ => old & ~flags };
                letter.Keywords = how switch
                {
                    FlagOperation.Replace => keywords,
                    FlagOperation.Add => [.. words, .. keywords.Where(word => !words.Contains(word, StringComparer.OrdinalIgnoreCase))],
                    _ => [.. words.Where(word => !keywords.Contains(word, StringComparer.OrdinalIgnoreCase))],
                };
            }
        }

        internal uint[] Expunge(string name, uint[]? uids)
        {
            var gone = boxes[name].Letters.Where(letter => letter.Flags.HasFlag(MessageFlags.Deleted) && (uids is null || uids.Contains(letter.Uid))).ToArray();
            boxes[name].Letters.RemoveAll(gone.Contains);
            return [.. gone.Select(letter => letter.Uid)];
        }

        internal (uint, uint)[] Copy(string name, uint[] uids, string other) =>
            [.. boxes[name].Letters.Where(letter => uids.Contains(letter.Uid)).ToArray().Select(letter => (letter.Uid, boxes[other].Add(letter.Text, letter.Flags, letter.Keywords)))];

        internal (uint, uint)[] Move(string name, uint[] uids, string other)
        {
            var pairs = Copy(name, uids, other);
            boxes[name].Letters.RemoveAll(letter => pairs.Any(pair => pair.Item1 == letter.Uid));
            return pairs;
        }

        internal MailboxOutcome Create(string name)
        {
            if (Has(name)) return MailboxOutcome.Exists;
            MakeParent(name);
            boxes[name] = new(SpecialUse.None);
            return MailboxOutcome.Ok;
        }

        internal MailboxOutcome Delete(string name)
        {
            if (!Has(name)) return MailboxOutcome.NotFound;
            if (boxes[name].Use != SpecialUse.None) return MailboxOutcome.NotAllowed;
            boxes.Remove(name);
            return MailboxOutcome.Ok;
        }

        internal MailboxOutcome Rename(string name, string other)
        {
            if (!Has(name)) return MailboxOutcome.NotFound;
            if (Has(other)) return MailboxOutcome.Exists;
            if (name == "INBOX")
            {
                MakeParent(other);
                boxes[other] = new(SpecialUse.None);
                Move(name, [.. boxes[name].Letters.Select(letter => letter.Uid)], other);
                return MailboxOutcome.Ok;
            }
            if (other.StartsWith(name + "/", StringComparison.Ordinal)) return MailboxOutcome.NotAllowed;
            string[] renamed = [name, .. boxes.Keys.Where(child => child.StartsWith(name + "/", StringComparison.Ordinal))];
            if (renamed.Any(child => Has(other + child[name.Length..]))) return MailboxOutcome.Exists;
            MakeParent(other);
            foreach (var child in renamed)
            {
                boxes[other + child[name.Length..]] = boxes[child];
                boxes.Remove(child);
            }
            return MailboxOutcome.Ok;
        }

        private void MakeParent(string name)
        {
            if (name.LastIndexOf('/') is > 0 and var at) boxes.TryAdd(name[..at], new(SpecialUse.None));
        }
    }

    private sealed class Box(SpecialUse use)
    {
        internal SpecialUse Use => use;

        internal List<Letter> Letters { get; } = [];

        internal uint UidNext { get; private set; } = 1;

        internal uint Add(string text, MessageFlags flags, ImmutableArray<string> keywords)
        {
            Letters.Add(new Letter { Uid = UidNext, Text = text, Flags = flags, Keywords = keywords });
            return UidNext++;
        }
    }

    private sealed class Letter
    {
        internal required uint Uid { get; init; }

        internal required string Text { get; init; }

        internal required MessageFlags Flags { get; set; }

        internal required ImmutableArray<string> Keywords { get; set; }
    }
}
