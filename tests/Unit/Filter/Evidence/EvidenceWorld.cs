using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Storage;

namespace Sternpost.Unit.Filter.Evidence;

/// <summary>A server's own history over a real database, with accounts, a DNS zone and a panel of all judges.</summary>
internal sealed class EvidenceWorld : IAsyncDisposable
{
    private static readonly StatisticalClassifier Silent = new(null);
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-evidence-").FullName;
    private long nextUid;

    private EvidenceWorld(FilterOptions options) => Options = options;

    internal FilterOptions Options { get; }

    internal FakeTimeProvider Time { get; } = new(Letter.Arrived);

    internal ZoneResolver Zone { get; } = new();

    internal Database Database { get; private set; } = null!;

    internal AccountDirectory Accounts { get; private set; } = null!;

    internal ServerEvidence Evidence { get; private set; } = null!;

    internal JudgePanel Panel { get; private set; } = null!;

    internal FakeMail Mail { get; } = new();

    internal Dictionary<string, long> Ids { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<EvidenceWorld> MakeAsync(FilterOptions? options = null, params string[] accounts)
    {
        var world = new EvidenceWorld(options ?? new FilterOptions());
        world.Database = await Database.OpenAsync(world.folder, world.Time, Cancellation);
        world.Accounts = new AccountDirectory(world.Database, world.Time);
        await world.Accounts.AddDomainAsync(DomainName.Parse("example.com"), Cancellation);
        foreach (var name in accounts.Length > 0 ? accounts : ["alice", "bob", "carol", "dave", "erin"])
        {
            // Nobody signs in here, and making a password takes longer than all the rest.
            var id = world.Ids[name] = world.Database.NextId();
            await world.Database.WriteAsync(
                sql => sql.Execute($"""
                    insert into accounts (id, domain_id, address, display_name, status, administrator, quota_bytes, used_bytes, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, created)
                    values ({id}, (select id from domains), {name + "@example.com"}, {name}, 0, {false}, 0, 0, '', {Array.Empty<byte>()}, 1, {Array.Empty<byte>()}, {Array.Empty<byte>()}, {world.Time.GetUtcNow().ToUnixTimeMilliseconds()})
                    """), Cancellation);
        }
        await world.Database.WriteAsync(sql => sql.Execute($"update directory_version set version = version + 1"), Cancellation);
        await world.StartAsync();
        return world;
    }

    /// <summary>The server again on the same data.</summary>
    internal async Task RestartAsync()
    {
        await Evidence.DisposeAsync();
        await StartAsync();
    }

    /// <summary>A message from a client to accounts here, judged and delivered (or refused) as the server does it.</summary>
    internal async Task<Delivered> ReceiveAsync(string text, string client = "198.51.100.7", string sender = "sender@stranger.example", params string[] to)
    {
        var judgement = await JudgeAsync(text, client, sender, to);
        var copies = new List<DeliveredCopy>();
        if (judgement.Verdict.Disposition == Sternpost.Filter.Verdicts.Disposition.Reject) Evidence.Refused(judgement);
        else
        {
            foreach (var name in Names(to))
            {
                var verdict = await Panel.ForAccountAsync(judgement, Ids[name], Cancellation);
                var copy = new DeliveredCopy(Ids[name], Database.NextId(), 1, ++nextUid, verdict);
                copies.Add(copy);
                Mail.States[copy.EmailId] = CopyState.Untouched;
                Mail.Contents[copy.EmailId] = Letter.Octets(text);
            }
            Evidence.Delivered(judgement, copies);
        }
        await Evidence.FlushAsync();
        return new Delivered(judgement, copies);
    }

    internal async Task<Judgement> JudgeAsync(string text, string client = "198.51.100.7", string sender = "sender@stranger.example", params string[] to)
    {
        var session = Letter.Session(client, "mail.stranger.example") with { ReceivedAt = Time.GetUtcNow(), ReverseResult = "fail" };
        var envelope = new Envelope(Letter.Address(sender), [.. Names(to).Select(name => new EnvelopeRecipient(Letter.Address(name + "@example.com")))]);
        return await Panel.JudgeAsync(new MessageUnderJudgement(session, envelope, Letter.Octets(text)), Cancellation);
    }

    /// <summary>Lets a domain prove itself by SPF from an address.</summary>
    internal void Publish(string domain, string address) =>
        Zone.Txt(domain, $"v=spf1 ip4:{address} -all").Txt("_dmarc." + domain, "v=DMARC1; p=reject").Address(domain, address).Mx(domain, 10, domain);

    public async ValueTask DisposeAsync()
    {
        await Evidence.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Names(string[] to) => to.Length > 0 ? to : ["alice"];

    private async Task StartAsync()
    {
        Evidence = new ServerEvidence(Database, Accounts, Options, Time) { Mail = Mail };
        await Evidence.StartAsync(Cancellation);
        Panel = new JudgePanel(Options, StandardJudges.All(Options, Zone, Silent, null, Time, Evidence), null, Time) { Evidence = Evidence };
    }
}

internal sealed record Delivered(Judgement Judgement, IReadOnlyList<DeliveredCopy> Copies)
{
    internal bool Found(string symbol) => Judgement.Verdict.Findings.Any(finding => finding.Symbol == symbol);
}

/// <summary>Mailboxes as far as the filter sees them.</summary>
internal sealed class FakeMail : IDeliveredMail
{
    internal Dictionary<long, CopyState> States { get; } = [];

    internal List<long> Moved { get; } = [];

    internal Dictionary<long, byte[]> Contents { get; } = [];

    public ValueTask<(ReadOnlyMemory<byte> Message, int PrefixLength)?> ContentAsync(long emailId, CancellationToken cancellation) =>
        new(Contents.TryGetValue(emailId, out var content) ? (content, 0) : ((ReadOnlyMemory<byte>, int)?)null);

    public ValueTask<CopyState> StateAsync(long mailboxId, long uid, long emailId, CancellationToken cancellation) => new(States.GetValueOrDefault(emailId, CopyState.Gone));

    public ValueTask<(long MailboxId, long Uid)?> MoveToJunkAsync(long accountId, long mailboxId, long uid, long emailId, CancellationToken cancellation)
    {
        if (States.GetValueOrDefault(emailId, CopyState.Gone) != CopyState.Untouched) return new((((long, long)?)null));
        Moved.Add(emailId);
        return new((2, uid));
    }

    public ValueTask<bool> MoveBackAsync(long accountId, long mailboxId, long uid, long emailId, long toMailboxId, CancellationToken cancellation) => new(Moved.Remove(emailId));
}
