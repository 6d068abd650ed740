using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MimeKit;
using Sternpost.Accounts;
using Sternpost.Accounts.Vacations;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.Answers;

/// <summary>
/// Answers mail for accounts whose owners are away (RFC 3834), behind the delivery. The answer has the null reverse-path, so that nothing
/// answers it in turn, and nobody is answered twice within a week.
/// </summary>
public sealed class VacationAnswers : IAsyncDisposable
{
    private const int MostWaiting = 10_000;
    private const int MostHeader = 256 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Channel<Arrived> arrived = Channel.CreateBounded<Arrived>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Database database;
    private readonly AccountDirectory directory;
    private readonly MailStore mail;
    private readonly ServerMail own;
    private readonly string hostName;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Task answering;
    private HashSet<long> away = [];
    private DateTimeOffset looked = DateTimeOffset.MinValue;

    /// <summary>Begins to answer what <see cref="Consider"/> is told.</summary>
    public VacationAnswers(Database database, AccountDirectory directory, MailStore mail, ServerMail own, string hostName, TimeProvider time, ILogger<VacationAnswers> log)
    {
        this.database = database;
        this.directory = directory;
        this.mail = mail;
        this.own = own;
        this.hostName = hostName;
        this.time = time;
        this.log = log;
        answering = Task.Run(AnswerAsync);
    }

    /// <summary>A message has come into an account's inbox. Costs nothing here; what does not fit any more is not answered.</summary>
    public void Consider(Account account, long emailId, EmailAddress sender, EmailAddress recipient) => arrived.Writer.TryWrite(new Arrived(account, emailId, sender, recipient));

    /// <summary>Answers what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        arrived.Writer.TryComplete();
        await answering.ConfigureAwait(false);
    }

    private async Task AnswerAsync()
    {
        await foreach (var item in arrived.Reader.ReadAllAsync().ConfigureAwait(false))
        {
#pragma warning disable CA1031 // An answer that fails is logged; the mail it was for has been delivered.
            try
            {
                if (await IsAwayAsync(item.Account.Id).ConfigureAwait(false)) await AnswerAsync(item).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                log.AnswerFailed(failure, item.Account.Address.ToString());
            }
#pragma warning restore CA1031
        }
    }

    // Almost nobody is away: who is, is asked for all at once, now and then.
    private async ValueTask<bool> IsAwayAsync(long accountId)
    {
        var now = time.GetUtcNow();
        if (now - looked > LookEvery)
        {
            away = [.. await database.ReadAsync(VacationStore.Enabled, CancellationToken.None).ConfigureAwait(false)];
            looked = now;
        }
        return away.Contains(accountId);
    }

    private async ValueTask AnswerAsync(Arrived item)
    {
        var now = time.GetUtcNow();
        var response = await database.ReadAsync(sql => VacationStore.Read(sql, item.Account.Id), CancellationToken.None).ConfigureAwait(false);
        if (!response.IsOn(now) || await mail.ContentAsync(item.EmailId, 0, MostHeader, CancellationToken.None).ConfigureAwait(false) is not { } content) return;
        using var stream = new MemoryStream(content.ToArray());
        var header = await HeaderList.LoadAsync(stream).ConfigureAwait(false);
        var owned = new HashSet<string>(StringComparer.Ordinal) { item.Account.Address.Key, item.Recipient.Key };
        foreach (var field in header.Where(field => field.Id is HeaderId.To or HeaderId.Cc))
        {
            if (!InternetAddressList.TryParse(field.RawValue, out var list)) continue;
            foreach (var mailbox in list.Mailboxes.Take(100))
            {
                if (EmailAddress.TryParse(mailbox.Address, out var address) && await directory.MaySendAsAsync(item.Account, address, CancellationToken.None).ConfigureAwait(false)) owned.Add(address.Key);
            }
        }
        if (!AnswerRules.MayAnswer(item.Sender, header, address => owned.Contains(address.Key))) return;
        if (!await database.WriteAsync(sql => VacationStore.Answer(sql, item.Account.Id, item.Sender.Key, now), CancellationToken.None).ConfigureAwait(false)) return;
        await own.SendAsync(item.Sender, Compose(item, response, header, now), TransportNeed.Usual, null, CancellationToken.None).ConfigureAwait(false);
        log.Answered(item.Account.Address.ToString(), item.Sender.ToString());
    }

    private byte[] Compose(Arrived item, VacationResponse response, HeaderList header, DateTimeOffset now)
    {
        var message = new MimeMessage();
        message.From.Add(new MailboxAddress(Encoding.UTF8, item.Account.DisplayName, item.Recipient.ToString()));
        message.To.Add(new MailboxAddress(Encoding.UTF8, null, item.Sender.ToString()));
        message.Date = now;
        message.MessageId = Guid.CreateVersion7(now).ToString("N") + "@" + hostName;
        // RFC 3834 §3.1.5: "Auto: " and the subject, where the owner gave none.
        message.Subject = response.Subject ?? "Auto: " + (header[HeaderId.Subject] ?? "");
        // RFC 3834 §3.1.6 to §3.1.8.
        if (header[HeaderId.MessageId] is { Length: > 0 and < 1000 } id && MimeKit.Utils.MimeUtils.ParseMessageId(id) is { } original)
        {
            message.InReplyTo = original;
            message.References.Add(original);
        }
        message.Headers.Add("Auto-Submitted", "auto-replied");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Headers.Add("Precedence", "bulk");
        var body = new BodyBuilder { TextBody = response.TextBody ?? (response.HtmlBody is null ? "" : Messages.Content.HtmlText.Of(response.HtmlBody)), HtmlBody = response.HtmlBody };
        message.Body = body.ToMessageBody();
        using var written = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, written);
        return written.ToArray();
    }

    private sealed record Arrived(Account Account, long EmailId, EmailAddress Sender, EmailAddress Recipient);
}
