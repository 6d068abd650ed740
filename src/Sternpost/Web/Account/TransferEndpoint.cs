using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Sternpost.Composition;
using Sternpost.Migration;

namespace Sternpost.Web.Account;

/// <summary>
/// Mail in from another provider (/account/import) and all of it out (/account/export). Both begin with the password; the file that goes out is fetched by a
/// ticket that is good once, for a minute, in the same sign-in.
/// </summary>
internal sealed partial class TransferEndpoint(ServerParts parts, ImportJobs jobs, TimeProvider time, ILogger logger)
{
    private const int ImapsPort = 993;
    private const int MostTyped = 500;
    private static readonly TimeSpan TicketLasts = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, (string Ticket, long At)> tickets = new();

    public async Task ImportAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        if (body is null)
        {
            await AccountPages.JsonAsync(context, jobs.Of(account.Id) ?? new ImportProgress("none", "", "", "", [], []));
            return;
        }
        if (AccountPages.Text(body, "do") == "stop")
        {
            jobs.Stop(account.Id);
            await AccountPages.JsonAsync(context, new { });
            return;
        }
        var (host, user, secret) = (AccountPages.Text(body, "host").Trim(), AccountPages.Text(body, "user").Trim(), AccountPages.Text(body, "secret"));
        var port = AccountPages.Text(body, "port").Trim() is { Length: > 0 } typed ? int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number : 0 : ImapsPort;
        if (host.Length is 0 or > 253 || user.Length is 0 or > MostTyped || secret.Length is 0 or > MostTyped || port == 0)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "Say the other server, the user there and the password there.");
            return;
        }
        if (await RefusedAsync(context, account, body)) return;
        if (await jobs.StartAsync(account, host, port, user, secret, context.RequestAborted) is { } problem) await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, problem);
        else await AccountPages.JsonAsync(context, new { });
    }

    public async Task ExportAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        if (body is not null)
        {
            if (await RefusedAsync(context, account, body)) return;
            var made = RandomNumberGenerator.GetHexString(40, lowercase: true);
            tickets[account.Id] = (made, time.GetTimestamp());
            await AccountPages.JsonAsync(context, new { url = AccountPages.Path + "/export?ticket=" + made });
            return;
        }
        if (!tickets.TryRemove(account.Id, out var known) || time.GetElapsedTime(known.At) > TicketLasts
            || !CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(known.Ticket), System.Text.Encoding.ASCII.GetBytes(context.Request.Query["ticket"].ToString())))
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.NotFound, "Begin in the settings: this link is used up.");
            return;
        }
        LogExported(account.Address.ToString(), AccountPages.ClientOf(context));
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"mail-{time.GetUtcNow():yyyy-MM-dd}.zip\"";
        // The end of each file in a ZIP is written by its stream's Dispose, which knows no other way in .NET 10: some hundred octets each.
        if (context.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        await WriteAsync(context.Response.Body, account, context.RequestAborted);
    }

    // A message at a time, as fast as it is fetched: however much mail there is, little of it is in memory.
    private async Task WriteAsync(Stream output, Accounts.Account account, CancellationToken cancellation)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var listed in await parts.Mail.ListAsync(account.Id, cancellation))
        {
            if (await parts.Mail.OpenAsync(listed.Id, cancellation) is not var (mailbox, entries)) continue;
            await using var file = await zip.CreateEntry(FileName(mailbox.Name, names), CompressionLevel.Fastest).OpenAsync(cancellation);
            foreach (var entry in entries)
            {
                if (await parts.Mail.ContentAsync(entry.EmailId, cancellation) is { } content) await file.WriteAsync(MailExport.MboxForm(entry, content.Span), cancellation);
            }
        }
    }

    // Names that every system can unpack, each once; what a folder is called here is no path there.
    private static string FileName(string mailbox, HashSet<string> taken)
    {
        var safe = string.Join('/', mailbox.Split('/').Select(level => string.Concat(level.Select(c => char.IsControl(c) || "\\:*?\"<>|".Contains(c, StringComparison.Ordinal) ? '_' : c)).Trim('.', ' ')).Select(level => level.Length > 0 ? level : "_"));
        var name = safe + ".mbox";
        for (var n = 2; !taken.Add(name); n++) name = $"{safe} ({n}).mbox";
        return name;
    }

    private async Task<bool> RefusedAsync(HttpContext context, Accounts.Account account, JsonObject body)
    {
        if (await parts.Sasl.ConfirmAsync(account, AccountPages.Text(body, "password"), AccountPages.ClientOf(context), context.RequestAborted) is not { } refused) return false;
        await AccountPages.ProblemAsync(context, HttpStatusCode.Forbidden, refused);
        return true;
    }

    [LoggerMessage(1076, LogLevel.Information, "{Account} fetched all its mail (from {Client})")]
    private partial void LogExported(string account, IPAddress? client);
}
