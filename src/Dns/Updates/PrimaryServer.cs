using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns.Updates;

/// <summary>How a conversation with a zone's primary server came out.</summary>
public enum PrimaryState
{
    /// <summary>It did as asked.</summary>
    Done,
    /// <summary>The zone is not as it was read any more; nothing was changed.</summary>
    ChangedMeanwhile,
    /// <summary>It will not: the reason says why, and asking again would not help.</summary>
    Refused,
    /// <summary>It could not be reached or asked now.</summary>
    Failed,
}

/// <summary>What became of an update.</summary>
public sealed record UpdateOutcome(PrimaryState State, string Reason = "");

/// <summary>The records of a set as the primary has them.</summary>
public sealed record SetAnswer(PrimaryState State, RecordSet Set, string Reason = "")
{
    /// <summary>The name is an alias, so the set is another name's.</summary>
    public bool IsAlias { get; init; }
}

/// <summary>
/// A zone's primary server: asked directly, past every cache, and told of changes (RFC 2136). All over TCP, all signed (RFC 8945), and only answers
/// that it signed count. Whoever publishes something in DNS can use it: records of mail, keys, challenges of a certificate authority.
/// </summary>
/// <param name="server">Where it is.</param>
/// <param name="key">The key it knows us by.</param>
/// <param name="within">How long one question or change may take.</param>
/// <param name="time">The clock; a server wants it right within five minutes.</param>
public sealed class PrimaryServer(IPEndPoint server, TsigKey key, TimeSpan within, TimeProvider time)
{
    /// <summary>The records of a type at a name.</summary>
    public async ValueTask<SetAnswer> FindAsync(DomainName name, string type, CancellationToken cancellation)
    {
        var number = ZoneRecord.TypeOf(type);
        var empty = new RecordSet(name, number, []);
        var (message, failure) = await ExchangeAsync(id => Question(id, name, number), 0, cancellation).ConfigureAwait(false);
        if (message is null) return new SetAnswer(failure!.State, empty, failure.Reason);
        // RFC 2136 §2.2 response codes: NOERROR, and NXDOMAIN for a name that is not there yet.
        if (message.Header.ResponseCode is not (0 or 3)) return new SetAnswer(PrimaryState.Refused, empty, $"{server} will not say what is at {name}: {Word(message.Header.ResponseCode)}");
        if (!message.Header.IsAuthoritative) return new SetAnswer(PrimaryState.Refused, empty, $"{server} is not the primary of a zone that holds {name}");
        ZoneRecord[] records = [.. message.Answers.Where(record => record.Name == name && (int)record.Type == number && record.Class == DnsClass.Internet).Select(record => new ZoneRecord(name, number, record.Ttl, record.Data.ToArray()))];
        return new SetAnswer(PrimaryState.Done, empty with { Records = records })
        {
            IsAlias = type != "CNAME" && message.Answers.Any(record => record.Name == name && record.Type == RecordType.Cname),
        };
    }

    /// <summary>The zone that holds a name, as the primary sees it; null where it holds none, with the reason.</summary>
    public async ValueTask<(DomainName? Zone, UpdateOutcome Outcome)> ZoneOfAsync(DomainName name, CancellationToken cancellation)
    {
        for (var zone = name; zone is not null; zone = zone.Parent)
        {
            var answer = await FindAsync(zone, "SOA", cancellation).ConfigureAwait(false);
            // Where it does not speak for a name, it does not speak for the names above in this one's stead: the name is delegated away, or not here at all.
            if (answer.State != PrimaryState.Done) return (null, new UpdateOutcome(answer.State, answer.Reason));
            if (answer.Set.Records.Count > 0) return (zone, new UpdateOutcome(PrimaryState.Done));
        }
        return (null, new UpdateOutcome(PrimaryState.Refused, $"{server} holds no zone with {name}"));
    }

    /// <summary>Makes a change.</summary>
    public async ValueTask<UpdateOutcome> UpdateAsync(ZoneUpdate update, CancellationToken cancellation)
    {
        var (message, failure) = await ExchangeAsync(update.ToMessage, ZoneUpdate.Operation, cancellation).ConfigureAwait(false);
        if (message is null) return failure!;
        return message.Header.ResponseCode switch
        {
            0 => new UpdateOutcome(PrimaryState.Done),
            // RFC 2136 §2.2: YXDOMAIN, YXRRSET, NXRRSET, and NXDOMAIN say that a prerequisite does not hold.
            3 or 6 or 7 or 8 => new UpdateOutcome(PrimaryState.ChangedMeanwhile, "the zone was changed meanwhile"),
            2 => new UpdateOutcome(PrimaryState.Failed, $"{server} could not do it ({Word(2)})"),
            var code => new UpdateOutcome(PrimaryState.Refused, $"{server} refuses the change: {Word(code)}"),
        };
    }

    private static byte[] Question(int id, DomainName name, int type)
    {
        var message = new ArrayBufferWriter<byte>(128);
        DnsWriter.Number(message, id);
        // No recursion is asked for: what a cache knows is not what the zone holds.
        DnsWriter.Number(message, 0);
        DnsWriter.Number(message, 1);
        for (var section = 0; section < 3; section++) DnsWriter.Number(message, 0);
        DnsWriter.Name(message, name);
        DnsWriter.Number(message, type);
        DnsWriter.Number(message, DnsClass.Internet);
        return message.WrittenSpan.ToArray();
    }

    private async ValueTask<(DnsMessage? Message, UpdateOutcome? Failure)> ExchangeAsync(Func<int, byte[]> request, int operation, CancellationToken cancellation)
    {
        var id = RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var (signed, mac) = Tsig.Sign(request(id), key, time.GetUtcNow());
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        byte[] octets;
        try
        {
            octets = await TcpExchange.AskAsync(server, signed, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, new UpdateOutcome(PrimaryState.Failed, $"{server} did not answer within {within.TotalSeconds:0} seconds"));
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            return (null, new UpdateOutcome(PrimaryState.Failed, $"{server} cannot be asked: {broken.Message}"));
        }
        if (!DnsReader.TryRead(octets, out var message) || message.Header.Id != id || !message.Header.IsResponse || message.Header.Operation != operation)
            return (null, new UpdateOutcome(PrimaryState.Failed, $"{server} answered something that is no answer to the question"));
        return Tsig.Problem(octets, message, mac, key, time.GetUtcNow()) is { } problem ? (null, new UpdateOutcome(PrimaryState.Refused, $"{server}: {problem}")) : (message, null);
    }

    private static string Word(int code) => code switch
    {
        1 => "it does not understand the message (FORMERR)",
        2 => "SERVFAIL",
        4 => "it takes no changes (NOTIMP)",
        5 => "the key may not do that (REFUSED)",
        9 => "it is not the zone's primary, or does not accept the key for it (NOTAUTH)",
        10 => "a name is not in the zone (NOTZONE)",
        _ => $"error {code}",
    };
}
