using System.IO.Compression;
using Microsoft.Extensions.Logging;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Network;
using Sternpost.Wire;

namespace Sternpost.Fronts.Spamd;

/// <summary>
/// The spamd protocol, so that spamc, Exim's spam condition and whatever else asks a SpamAssassin daemon can ask this filter
/// instead, unchanged. One request a connection. The client's address and envelope come from the message's own trace fields,
/// as with SpamAssassin: the protocol carries neither.
/// </summary>
public sealed class SpamdFront
{
    private const string Name = "spamd";
    private const int MaxLine = 8192;

    private readonly JudgePanel panel;
    private readonly FrontOptions options;
    private readonly FrontTeacher? teacher;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScoreScale scale;

    /// <summary>Answers for <paramref name="panel"/>; without <paramref name="teacher"/> TELL changes nothing and says so.</summary>
    public SpamdFront(JudgePanel panel, FrontOptions options, FrontTeacher? teacher, TimeProvider time, ILoggerFactory loggers)
    {
        this.panel = panel;
        this.options = options;
        this.teacher = teacher;
        this.time = time;
        logger = loggers.CreateLogger("Sternpost.Fronts");
        // SpamAssassin's own: 5 marks; 15 is where its users commonly refuse.
        scale = new ScoreScale(options.JunkThreshold, options.RejectThreshold, 5, 15);
    }

    /// <summary>Serves one connection.</summary>
    public async Task ServeAsync(MailConnection connection)
    {
        var lines = new LineReader(MaxLine);
        CancellationToken Within() => connection.Within(options.Idle);
        if (await lines.ReadAsync(connection.Input, Within()).ConfigureAwait(false) != LineStatus.Line) return;
        var request = SpamdRequest.Parse(lines.Line.Span);
        var wrong = request is null ? "(no known command)" : null;
        while (request is not null && wrong is null)
        {
            if (await lines.ReadAsync(connection.Input, Within()).ConfigureAwait(false) != LineStatus.Line)
            {
                // A PING may be sent without the empty line.
                if (request.Method != SpamdMethod.Ping) wrong = "(the head has no end)";
                break;
            }
            if (lines.Line.IsEmpty) break;
            wrong = request.Take(lines.Line.Span);
        }
        var reply = wrong is not null || request is null
            ? Malformed(connection, wrong!)
            : await AnswerAsync(request, connection, Within).ConfigureAwait(false);
        if (reply.Length > 0) await connection.Output.WriteAsync(reply, Within()).ConfigureAwait(false);
    }

    private async ValueTask<byte[]> AnswerAsync(SpamdRequest request, MailConnection connection, Func<CancellationToken> within)
    {
        if (request.Method == SpamdMethod.Ping) return SpamdReply.Pong();
        if (request.Method == SpamdMethod.Skip) return [];
        if (request.ContentLength > options.MaxMessage)
        {
            logger.TooLarge(Name, connection.Remote.ToString(), request.ContentLength.Value);
            return SpamdReply.Error(SpamdReply.TooLarge, "(the message is larger than is judged)");
        }
        var body = request.ContentLength is { } length
            ? await BodyReader.ReadAsync(connection.Input, length, within).ConfigureAwait(false)
            : await BodyReader.ReadToEndAsync(connection.Input, options.MaxMessage, within).ConfigureAwait(false);
        if (body is null) return SpamdReply.Error(SpamdReply.TooLarge, "(the message is larger than is judged)");
        if (request.ContentLength is { } promised && body.Length < promised)
            return SpamdReply.Error(SpamdReply.ProtocolError, $"(Content-Length mismatch: Expected {promised} bytes, got {body.Length} bytes)");
        var message = request.IsCompressed ? Inflate(body) : body;
        if (message is null) return SpamdReply.Error(SpamdReply.DataError, "(the compressed message cannot be read)");
        return request.Method == SpamdMethod.Tell
            ? await TellAsync(request, message, connection, within()).ConfigureAwait(false)
            : await JudgeAsync(request, message, connection, within()).ConfigureAwait(false);
    }

    private async ValueTask<byte[]> JudgeAsync(SpamdRequest request, byte[] body, MailConnection connection, CancellationToken cancellation)
    {
        var reference = FrontReference.New();
        var message = CrlfText.Of(body);
        var judgement = await panel.JudgeAsync(EnvelopeFields.Of(message.Span).Arriving(message, reference, time), cancellation).ConfigureAwait(false);
        if (judgement.Deferral is { } waiting) return SpamdReply.Error(SpamdReply.TemporaryFailure, waiting);
        var verdict = judgement.Verdict;
        logger.Asked(Name, connection.Remote.ToString(), body.Length, reference, verdict.Disposition.ToString());
        return request.Method switch
        {
            SpamdMethod.Check => SpamdReply.Checked(verdict, scale),
            SpamdMethod.Symbols => SpamdReply.WithText(verdict, scale, SpamdReply.Symbols(verdict), request.Version),
            SpamdMethod.Report => SpamdReply.WithText(verdict, scale, SpamdReply.Report(verdict, scale), request.Version),
            SpamdMethod.ReportIfSpam => SpamdReply.WithText(verdict, scale, verdict.Disposition == Disposition.Accept ? "" : SpamdReply.Report(verdict, scale), request.Version),
            SpamdMethod.Headers => SpamdReply.WithMessage(verdict, scale, MarkedMessage.Header(body, SpamFields.Of(verdict, scale)), request.Version),
            _ => SpamdReply.WithMessage(verdict, scale, MarkedMessage.Whole(body, SpamFields.Of(verdict, scale)), request.Version),
        };
    }

    private async ValueTask<byte[]> TellAsync(SpamdRequest request, byte[] body, MailConnection connection, CancellationToken cancellation)
    {
        FrontLesson? lesson = request.SetLocal && request.IsSpam is { } spam ? spam ? FrontLesson.Spam : FrontLesson.Ham
            : request.RemoveLocal ? FrontLesson.Forget
            : null;
        if (teacher is null || lesson is null) return SpamdReply.Told(null);
        var changed = await teacher(CrlfText.Of(body), lesson.Value, request.User, cancellation).ConfigureAwait(false);
        logger.Taught(Name, connection.Remote.ToString(), lesson.Value.ToString());
        if (!changed) return SpamdReply.Told(null);
        return SpamdReply.Told(lesson == FrontLesson.Forget ? "DidRemove: local\r\n" : "DidSet: local\r\n");
    }

    private byte[] Malformed(MailConnection connection, string reason)
    {
        logger.Malformed(Name, connection.Remote.ToString(), reason);
        return SpamdReply.Error(SpamdReply.ProtocolError, reason);
    }

    private byte[]? Inflate(byte[] body)
    {
        try
        {
            using var inflating = new ZLibStream(new MemoryStream(body), CompressionMode.Decompress);
            var plain = new MemoryStream(Math.Min(body.Length * 4, options.MaxMessage));
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = inflating.Read(buffer)) > 0)
            {
                if (plain.Length + read > options.MaxMessage) return null;
                plain.Write(buffer, 0, read);
            }
            return plain.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
