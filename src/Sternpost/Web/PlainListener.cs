using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sternpost.Certificates;
using Sternpost.Configuration;
using Sternpost.Network;

namespace Sternpost.Web;

/// <summary>
/// Port 80: sends browsers on to HTTPS, and answers certificate authorities. Nothing else is ever told in clear, and nobody is sent to a host that is not
/// this server's.
/// </summary>
internal sealed partial class PlainListener : IAsyncDisposable
{
    // RFC 8555 §8.3.
    private const string Challenges = "/.well-known/acme-challenge/";

    private readonly WebApplication application;
    private readonly ServerConfiguration configuration;
    private readonly OwnHosts hosts;
    private readonly ChallengeBoard board;
    private readonly ILogger logger;

    public PlainListener(ServerConfiguration configuration, OwnHosts hosts, ChallengeBoard board, ILoggerFactory loggers)
    {
        this.configuration = configuration;
        this.hosts = hosts;
        this.board = board;
        logger = loggers.CreateLogger("Sternpost.Web");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = ListenSockets.Bound).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Nothing that is sent here is read, and a request for a page is short.
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestLineSize = 4096;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxConcurrentConnections = configuration.Limits.Connections;
            foreach (var endPoint in configuration.Listeners.Http.EndPoints) kestrel.Listen(endPoint, listen => listen.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        });
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    /// <summary>Begins to answer. Where the port cannot be had, the log says so and mail goes on without: another web server may have it.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (configuration.Listeners.Http.EndPoints.Count == 0) return;
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
        {
            LogNoPort(configuration.Listeners.Http.Port, refused.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            headers.Allow = "GET, HEAD";
            await SendAsync(context, HttpStatusCode.MethodNotAllowed, "Nothing is taken here: use https.\n");
            return;
        }
        if (request.Path.Value is { } path && path.StartsWith(Challenges, StringComparison.Ordinal))
        {
            if (board.Answer(path[Challenges.Length..]) is { } answer) await SendAsync(context, HttpStatusCode.OK, answer);
            else await SendAsync(context, HttpStatusCode.NotFound, "There is no such challenge.\n");
            return;
        }
        if (configuration.Listeners.Https.Port is not (> 0 and var port) || await hosts.FindAsync(request.Host.Host, context.RequestAborted) is not { } host)
        {
            await SendAsync(context, HttpStatusCode.NotFound, "There is nothing at this address.\n");
            return;
        }
        // Written anew from a name of ours: nothing of what the client says of hosts goes into it.
        headers.Location = $"https://{host}{(port == 443 ? "" : ":" + port)}{request.GetEncodedPathAndQuery()}";
        await SendAsync(context, HttpStatusCode.PermanentRedirect, "This server speaks https.\n");
    }

    private static async Task SendAsync(HttpContext context, HttpStatusCode status, string text)
    {
        var body = Encoding.ASCII.GetBytes(text);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    [LoggerMessage(1014, LogLevel.Warning, "Port {Port} (listeners.http) cannot be had, so nobody is sent on from http to https and no certificate can be proved by HTTP: {Reason}")]
    private partial void LogNoPort(int port, string reason);
}
