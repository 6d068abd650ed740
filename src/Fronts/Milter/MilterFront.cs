using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Network;

namespace Sternpost.Fronts.Milter;

/// <summary>
/// A milter (protocol version 6, as Sendmail 8.14 and Postfix since 2.6 speak it): judges mail while the other server's client
/// still waits, refuses what must be refused with our reason, and marks the rest. Mail of users who signed in there passes.
/// </summary>
public sealed class MilterFront
{
    private const string Name = "milter";
    private const uint Version = 6;

    // SMFIF_ADDHDRS and SMFIF_CHGHDRS: we add fields and remove forged ones.
    private const uint WantedActions = 0x01 | 0x10;

    // SMFIF_QUARANTINE: the server holds a message for its administrator.
    private const uint QuarantineAction = 0x20;

    // SMFIP_NOUNKNOWN: commands we have no opinion on. SMFIP_HDR_LEADSPC: values with the space after the colon, or
    // signatures over the simple canonicalisation could not be verified.
    private const uint NoUnknown = 0x100;
    private const uint NoDataCommand = 0x200;
    private const uint LeadingSpace = 0x100000;

    // SMFIP_NR_CONN, _HELO, _RCPT, _HDR, _EOH: steps that never change our mind, so that the server need not wait for a word on each.
    private const uint SilentConnect = 0x1000;
    private const uint SilentHelo = 0x2000;
    private const uint SilentRecipient = 0x8000;
    private const uint SilentField = 0x80;
    private const uint SilentEndOfFields = 0x40000;
    private const uint Silent = SilentConnect | SilentHelo | SilentRecipient | SilentField | SilentEndOfFields;

    private readonly JudgePanel panel;
    private readonly FrontOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScoreScale scale;

    /// <summary>Answers for <paramref name="panel"/>.</summary>
    public MilterFront(JudgePanel panel, FrontOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        this.panel = panel;
        this.options = options;
        this.time = time;
        logger = loggers.CreateLogger("Sternpost.Fronts");
        scale = new ScoreScale(options.JunkThreshold, options.RejectThreshold, 5, 15);
    }

    /// <summary>Serves one connection, which may carry many messages of one client of the asking server.</summary>
    public async Task ServeAsync(MailConnection connection)
    {
        var mail = new MilterMail();
        var agreed = new Agreed(0, false);
        while (await MilterPacket.ReadAsync(connection.Input, connection.Within(options.Waiting)).ConfigureAwait(false) is { } packet)
        {
            switch (packet.Command)
            {
                case 'O':
                    if (Negotiate(connection, packet.Data) is not { } found) return;
                    agreed = found;
                    mail = NewMail(agreed);
                    break;
                case 'D':
                    Macros(mail, packet.Data);
                    continue;
                case 'C':
                    mail.Connected(packet.Data);
                    if (agreed.Has(SilentConnect)) continue;
                    Continue(connection);
                    break;
                case 'H':
                    mail.Greeted(packet.Data);
                    if (agreed.Has(SilentHelo)) continue;
                    Continue(connection);
                    break;
                case 'M':
                    mail.From(packet.Data);
                    // Their own users' mail is for their outgoing rules, not for a judge of mail from strangers.
                    MilterPacket.Write(connection.Output, mail.User is { Length: > 0 } ? 'a' : 'c', []);
                    break;
                case 'R':
                    mail.To(packet.Data);
                    if (agreed.Has(SilentRecipient)) continue;
                    Continue(connection);
                    break;
                case 'L' when agreed.Has(SilentField):
                    // No answer is waited for here: what is too large is said so at its body or its end.
                    if (mail.Size <= options.MaxMessage) mail.Field(packet.Data, options.HostName.Ascii);
                    continue;
                case 'L':
                    mail.Field(packet.Data, options.HostName.Ascii);
                    if (!PassTooLarge(connection, mail)) Continue(connection);
                    break;
                case 'B':
                    mail.Body(packet.Data);
                    if (!PassTooLarge(connection, mail)) Continue(connection);
                    break;
                case 'E':
                    mail.Body(packet.Data);
                    if (!PassTooLarge(connection, mail)) await JudgeAsync(connection, mail).ConfigureAwait(false);
                    break;
                case 'N' when agreed.Has(SilentEndOfFields):
                    continue;
                case 'T' or 'N' or 'U':
                    Continue(connection);
                    break;
                case 'A':
                    mail.Reset();
                    continue;
                case 'K':
                    mail = NewMail(agreed);
                    continue;
                case 'Q':
                    return;
                default:
                    logger.Malformed(Name, connection.Remote.ToString(), $"command {(int)packet.Command}");
                    return;
            }
            await connection.Output.FlushAsync(connection.Within(options.Idle)).ConfigureAwait(false);
        }
    }

    private async ValueTask JudgeAsync(MailConnection connection, MilterMail mail)
    {
        var reference = FrontReference.New();
        var judgement = await panel.JudgeAsync(mail.Message(reference, time.GetUtcNow()), connection.Within(options.Idle)).ConfigureAwait(false);
        var verdict = judgement.Verdict;
        logger.Asked(Name, connection.Remote.ToString(), mail.Size, mail.Macros.GetValueOrDefault("i", reference), verdict.Disposition.ToString());
        if (judgement.Deferral is { } waiting)
        {
            MilterPacket.Write(connection.Output, 'y', MilterStrings.Join($"451 4.7.1 {waiting}"));
            mail.Reset();
            return;
        }
        if (verdict.Disposition == Disposition.Reject)
        {
            MilterPacket.Write(connection.Output, 'y', MilterStrings.Join(ReplyLine(verdict)));
            mail.Reset();
            return;
        }
        // Whoever asked to see the space after the colon is given it as well (SMFIP_HDR_LEADSPC).
        var space = mail.KeepsLeadingSpace ? " " : "";
        // From the last to the first, because removing one moves those behind it.
        foreach (var (name, index, value) in Enumerable.Reverse(mail.Suspects)) Change(connection, index, name, value);
        if (judgement.AuthenticationResults.Length > 0)
            Insert(connection, "Authentication-Results", space + Unfold(options.HostName.Ascii + "; " + judgement.AuthenticationResults));
        foreach (var (name, value) in SpamFields.Of(verdict, scale)) MilterPacket.Write(connection.Output, 'h', MilterStrings.Join(name, space + value));
        // What a milter cannot do itself, taking out an attachment, it leaves to whoever looks at held mail.
        if (mail.MayQuarantine && (verdict.IsQuarantined || judgement.Stripped is not null)) MilterPacket.Write(connection.Output, 'q', MilterStrings.Join(ReplyLine(verdict)[10..]));
        MilterPacket.Write(connection.Output, 'a', []);
        mail.Reset();
    }

    // Percent signs are format characters to some servers that print the reply.
    private static string ReplyLine(Verdict verdict)
    {
        var text = new StringBuilder($"550 5.7.1 {verdict.Reason} (reference {verdict.Reference})");
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or > '~') text[i] = '?';
        }
        return text.Replace("%", "%%").ToString(0, Math.Min(text.Length, 450));
    }

    private static string Unfold(string value) => value.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static void Change(MailConnection connection, int index, string name, string value) =>
        MilterPacket.Write(connection.Output, 'm', Indexed(index, name, value));

    // Index 0: above all fields the message came with, where the reader of a trace looks first.
    private static void Insert(MailConnection connection, string name, string value) =>
        MilterPacket.Write(connection.Output, 'i', Indexed(0, name, value));

    private static byte[] Indexed(int index, string name, string value)
    {
        Span<byte> place = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(place, index);
        return [.. place, .. MilterStrings.Join(name, value)];
    }

    private static MilterMail NewMail(Agreed agreed) => new() { MayQuarantine = agreed.MayQuarantine, KeepsLeadingSpace = agreed.Has(LeadingSpace) };

    // Null: nothing can be agreed on, and the connection ends.
    private Agreed? Negotiate(MailConnection connection, ReadOnlySpan<byte> data)
    {
        if (data.Length < 12) return null;
        var version = BinaryPrimitives.ReadUInt32BigEndian(data);
        var actions = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var protocol = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
        if (version < 2 || (actions & WantedActions) != WantedActions)
        {
            logger.Malformed(Name, connection.Remote.ToString(), "the server offers a milter no way to change header fields");
            return null;
        }
        var agreed = new Agreed(protocol & (NoUnknown | NoDataCommand | LeadingSpace | Silent), (actions & QuarantineAction) != 0);
        Span<byte> answer = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(answer, Math.Min(version, Version));
        BinaryPrimitives.WriteUInt32BigEndian(answer[4..], WantedActions | (actions & QuarantineAction));
        BinaryPrimitives.WriteUInt32BigEndian(answer[8..], agreed.Protocol);
        MilterPacket.Write(connection.Output, 'O', answer);
        return agreed;
    }

    private static void Macros(MilterMail mail, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        var pairs = MilterStrings.All(data[1..]);
        // A new envelope begins: what was said of the last one's user no longer holds.
        if (data[0] == 'M') mail.Macros.Remove("{auth_authen}");
        for (var i = 0; i + 1 < pairs.Count; i += 2) mail.Macros[pairs[i]] = pairs[i + 1];
    }

    private bool PassTooLarge(MailConnection connection, MilterMail mail)
    {
        if (mail.Size <= options.MaxMessage) return false;
        logger.TooLarge(Name, connection.Remote.ToString(), mail.Size);
        MilterPacket.Write(connection.Output, 'a', []);
        mail.Reset();
        return true;
    }

    private static void Continue(MailConnection connection) => MilterPacket.Write(connection.Output, 'c', []);

    // What both sides said they can: SMFIP_ bits of the steps, and whether a message may be held there.
    private sealed record Agreed(uint Protocol, bool MayQuarantine)
    {
        public bool Has(uint steps) => (Protocol & steps) != 0;
    }
}
