using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Forwarding;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Pictures;

/// <summary>
/// Remote pictures, fetched by the server in the reader's place, at /jmap/picture/ACCOUNT/SIGNATURE?u=ADDRESS. The signature is made only while a
/// message that the account may read is shown with its pictures: nobody can have anything else fetched. A picture is fetched once, whoever looks
/// at it how often.
/// </summary>
internal sealed class PictureProxy(DirectorySecret secret, PictureCache cache, PictureFetch fetch, TimeProvider time, ILogger log) : IDisposable
{
    internal const string Path = "/jmap/picture/";
    private const int MostAtOnce = 6;
    private const int MostAddress = 6000;
    private const int MostFailures = 5000;
    private static readonly TimeSpan FailedFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Lazy<Task<byte[]?>>> fetching = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> failed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, SemaphoreSlim> turns = new();
    private readonly CancellationTokenSource stopping = new();

    /// <summary>What gives each picture of a message its address here; null for what is no address of a picture.</summary>
    internal async ValueTask<Func<string, string?>> AddressesAsync(string accountId, CancellationToken cancellation)
    {
        var key = await KeyAsync(cancellation).ConfigureAwait(false);
        return source => Normal(source) is { } address ? $"{Path}{accountId}/{Sign(key, accountId, address)}?u={Uri.EscapeDataString(address)}" : null;
    }

    /// <param name="context">The request.</param>
    /// <param name="scope">Who asks.</param>
    /// <param name="path">What follows <see cref="Path"/>.</param>
    internal async Task AnswerAsync(HttpContext context, RequestScope scope, string path)
    {
        var address = context.Request.Query["u"].ToString();
        if (path.Split('/') is not [var account, var signature] || account != scope.AccountId || address.Length is 0 or > MostAddress) throw NotFound();
        var key = await KeyAsync(context.RequestAborted).ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(key, account, address)), Encoding.UTF8.GetBytes(signature))) throw NotFound();
        if (await PictureAsync(scope.Account.Id, address).WaitAsync(context.RequestAborted).ConfigureAwait(false) is not { } picture) throw NotFound();
        var response = context.Response;
        // By what it is, not by what its server calls it.
        response.ContentType = PictureKind.Of(picture)!;
        response.ContentLength = picture.Length;
        response.Headers.ContentDisposition = "attachment; filename=\"picture\"";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "private, immutable, max-age=86400";
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(picture, context.RequestAborted).ConfigureAwait(false);
    }

    public void Dispose()
    {
        stopping.Cancel();
        fetch.Dispose();
        stopping.Dispose();
    }

    /// <summary>The address as it is asked for; null where it is none of a picture elsewhere.</summary>
    internal static string? Normal(string source)
    {
        var text = source.Trim().Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
        if (text.StartsWith("//", StringComparison.Ordinal)) text = "https:" + text;
        if (text.Length > MostAddress || !Uri.TryCreate(text, UriKind.Absolute, out var address)) return null;
        return (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.UserInfo.Length == 0 && address.Host.Length > 0 ? address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) : null;
    }

    // The first who asks fetches; who asks meanwhile waits for that. It is not the reader's to break off, for others may wait too.
    private async Task<byte[]?> PictureAsync(long accountId, string address)
    {
        var key = PictureCache.KeyOf(address);
        if (await cache.ReadAsync(key, stopping.Token).ConfigureAwait(false) is { } known) return known;
        if (failed.TryGetValue(key, out var until) && until > time.GetUtcNow()) return null;
        var mine = fetching.GetOrAdd(key, _ => new Lazy<Task<byte[]?>>(() => FetchAsync(accountId, key, new Uri(address))));
        try
        {
            return await mine.Value.ConfigureAwait(false);
        }
        finally
        {
            fetching.TryRemove(new KeyValuePair<string, Lazy<Task<byte[]?>>>(key, mine));
        }
    }

    private async Task<byte[]?> FetchAsync(long accountId, string key, Uri address)
    {
        var turn = turns.GetOrAdd(accountId, _ => new SemaphoreSlim(MostAtOnce));
        await turn.WaitAsync(stopping.Token).ConfigureAwait(false);
        try
        {
            var (picture, reason) = await fetch.FetchAsync(address, stopping.Token).ConfigureAwait(false);
            if (picture is not null)
            {
                await cache.WriteAsync(key, picture, stopping.Token).ConfigureAwait(false);
                return picture;
            }
            log.PictureNotFetched(address.Host, reason);
            if (failed.Count >= MostFailures) failed.Clear();
            failed[key] = time.GetUtcNow() + FailedFor;
            return null;
        }
        finally
        {
            turn.Release();
        }
    }

    private static string Sign(byte[] key, string account, string address) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(account + "\n" + address)));

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation) =>
        await secret.ReadAsync(make: true, cancellation).ConfigureAwait(false) ?? throw new InvalidOperationException("The key of picture addresses was not made.");

    private static RequestProblem NotFound() => new(StatusCodes.Status404NotFound, "about:blank", "There is no such picture");
}
