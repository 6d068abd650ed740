using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Unit.Queue.TransportSecurity;

namespace Sternpost.Unit.Acme;

/// <summary>An authority over real HTTPS that believes every name and does what pebble does not: renewal information, rate limits, trouble. Issues in the name of a test authority.</summary>
internal sealed class FakeAuthority : IAsyncDisposable
{
    private readonly TestAuthority issuer = new("fake issuer");
    private readonly WebApplication application;
    private int nonce;
    private string? chain;
    private List<string> names = [];

    private FakeAuthority()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(issuer.Leaf("localhost"))));
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    public string Base => application.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public X509Certificate2 Root => issuer.Certificate;

    /// <summary>Bodies of the orders that came.</summary>
    public ConcurrentQueue<JsonElement> Orders { get; } = [];

    /// <summary>Answers an order otherwise than with an order: status, problem, Retry-After.</summary>
    public Func<JsonElement, (int Status, string Problem, string? RetryAfter)?> Refuse { get; set; } = _ => null;

    /// <summary>By which it dates what it issues.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The window it suggests; null for none.</summary>
    public (DateTimeOffset Start, DateTimeOffset End)? Window { get; set; }

    public ConcurrentQueue<string> Asked { get; } = [];

    public static async Task<FakeAuthority> StartAsync()
    {
        var authority = new FakeAuthority();
        await authority.application.StartAsync();
        return authority;
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
        issuer.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers["Replay-Nonce"] = "nonce" + Interlocked.Increment(ref nonce);
        var path = context.Request.Path.Value!;
        var body = HttpMethods.IsPost(context.Request.Method) ? await PayloadAsync(context) : default;
        Asked.Enqueue(path);
        switch (path)
        {
            case "/dir":
                await JsonAsync(context, 200, $"{{\"newNonce\":\"{Base}/nonce\",\"newAccount\":\"{Base}/account\",\"newOrder\":\"{Base}/order\",\"renewalInfo\":\"{Base}/info\",\"meta\":{{\"caaIdentities\":[\"fake.example\"]}}}}");
                return;
            case "/nonce":
                return;
            case "/account":
                context.Response.Headers.Location = Base + "/account/1";
                await JsonAsync(context, 201, "{\"status\":\"valid\"}");
                return;
            case "/order":
                Orders.Enqueue(body);
                if (Refuse(body) is var (status, problem, retryAfter))
                {
                    if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
                    await JsonAsync(context, status, problem);
                    return;
                }
                names = [.. body.GetProperty("identifiers").EnumerateArray().Select(name => name.GetProperty("value").GetString()!)];
                chain = null;
                context.Response.Headers.Location = Base + "/order/1";
                await JsonAsync(context, 201, Order());
                return;
            case "/order/1":
                await JsonAsync(context, 200, Order());
                return;
            case "/authorization":
                await JsonAsync(context, 200, $"{{\"status\":\"valid\",\"identifier\":{{\"type\":\"dns\",\"value\":\"{names[0]}\"}},\"challenges\":[]}}");
                return;
            case "/finalize":
                chain = Issue(Base64Url.DecodeFromChars(body.GetProperty("csr").GetString()));
                await JsonAsync(context, 200, Order());
                return;
            case "/certificate":
                context.Response.ContentType = "application/pem-certificate-chain";
                await context.Response.WriteAsync(chain!);
                return;
            default:
                if (path.StartsWith("/info/", StringComparison.Ordinal) && Window is var (start, end)) await JsonAsync(context, 200, $"{{\"suggestedWindow\":{{\"start\":\"{start:yyyy-MM-ddTHH:mm:ssZ}\",\"end\":\"{end:yyyy-MM-ddTHH:mm:ssZ}\"}}}}");
                else context.Response.StatusCode = 404;
                return;
        }
    }

    private string Order() => $"{{\"status\":\"{(chain is null ? "ready" : "valid")}\",\"authorizations\":[\"{Base}/authorization\"],\"finalize\":\"{Base}/finalize\"{(chain is null ? "" : $",\"certificate\":\"{Base}/certificate\"")}}}";

    private string Issue(byte[] csr)
    {
        var request = CertificateRequest.LoadSigningRequest(csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer.Certificate, true, false));
        using var leaf = request.Create(issuer.Certificate, Time.GetUtcNow().AddMinutes(-1), Time.GetUtcNow().AddDays(90), RandomNumberGenerator.GetBytes(8));
        return leaf.ExportCertificatePem() + "\n" + issuer.Certificate.ExportCertificatePem() + "\n";
    }

    private static async Task<JsonElement> PayloadAsync(HttpContext context)
    {
        using var jws = await JsonDocument.ParseAsync(context.Request.Body);
        var payload = Base64Url.DecodeFromChars(jws.RootElement.GetProperty("payload").GetString());
        if (payload.Length == 0) return default;
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.Clone();
    }

    private static async Task JsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = status >= 400 ? "application/problem+json" : "application/json";
        await context.Response.WriteAsync(json);
    }
}
