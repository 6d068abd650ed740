using System.Net;
using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sternpost.Administration;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Jmap;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Web.Account;

namespace Sternpost.Web;

/// <summary>The HTTPS side: health for supervisors, the start page, the MTA-STS policy and client settings of our domains. What there is of cleartext HTTP is <see cref="PlainListener"/>.</summary>
internal sealed class WebListener : IAsyncDisposable
{
    private static readonly byte[] Style = Encoding.UTF8.GetBytes(StartPage.Style);
    private readonly WebApplication application;
    private readonly Func<bool> ready;
    private readonly byte[] startPage;
    private readonly byte[] policy;
    private readonly ServerConfiguration configuration;
    private readonly Func<DomainName, CancellationToken, ValueTask<bool>> isLocal;
    private readonly JmapServer? jmap;

    /// <param name="configuration">What the start page tells of.</param>
    /// <param name="certificates">Asked for each handshake, so that a renewed one is shown without a restart.</param>
    /// <param name="ready">Whether the server accepts mail now.</param>
    /// <param name="isLocal">Whether a domain is one of ours, whose MTA-STS policy and client settings are served.</param>
    /// <param name="jmap">Answers for its own addresses; null where nothing does.</param>
    /// <param name="loggers">Where Kestrel logs.</param>
    /// <param name="challenges">Answers certificate authorities in front of HTTP; null where none looks.</param>
    public WebListener(
        ServerConfiguration configuration, TlsCertificates certificates, Func<bool> ready, Func<DomainName, CancellationToken, ValueTask<bool>> isLocal, JmapServer? jmap, ILoggerFactory loggers, ChallengeHandshake? challenges = null)
    {
        this.jmap = jmap;
        this.ready = ready;
        this.configuration = configuration;
        this.isLocal = isLocal;
        policy = Encoding.ASCII.GetBytes(Settings.OwnPolicy(configuration));
        startPage = StartPage.Html(configuration);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = ListenSockets.Bound).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.MaxConcurrentConnections = configuration.Limits.Connections;
            foreach (var endPoint in configuration.Listeners.Https.EndPoints)
            {
                kestrel.Listen(endPoint, listen =>
                {
                    if (challenges is not null) listen.Use(challenges.Before);
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = hello => HandshakeAsync(certificates, hello) });
                });
            }
        });
        application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(60) });
        application.Run(AnswerAsync);
    }

    /// <summary>The webmail; null where the program was built without it.</summary>
    public ApplicationFiles? Application { get; init; }

    /// <summary>What each symbol of the filter means, as JSON; the webmail tells by it why a message is where it is.</summary>
    public byte[] Symbols { get; init; } = "{}"u8.ToArray();

    /// <summary>The pages behind the links of digests; null where there are none.</summary>
    public QuarantinePage? Quarantine { get; init; }

    /// <summary>What the webmail's settings ask for; null where there is none.</summary>
    public AccountPages? Account { get; init; }

    /// <summary>The administrator's page; null where there is none.</summary>
    public AdministrationPage? Administration { get; init; }

    public Task StartAsync(CancellationToken cancellation)
    {
        if (Application is { } files) ThreadPool.UnsafeQueueUserWorkItem(_ => files.Prepare(), null);
        return application.StartAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    // Kestrel adds its application protocols to the options it gets, so it gets a copy: those of the mail protocols stay as they are.
    private static async ValueTask<SslServerAuthenticationOptions> HandshakeAsync(TlsCertificates certificates, TlsHandshakeCallbackContext hello)
    {
        var shared = await certificates.SelectAsync(hello.SslStream, hello.ClientHelloInfo, null, hello.CancellationToken);
        return new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = shared.EnabledSslProtocols,
            ServerCertificateContext = shared.ServerCertificateContext,
            AllowRenegotiation = false,
        };
    }

    private Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        // RFC 6797 §7.1.
        headers.StrictTransportSecurity = "max-age=31536000";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (jmap is not null && JmapServer.Owns(context.Request.Path)) return jmap.HandleAsync(context);
        if (Quarantine is not null && context.Request.Path.Value == QuarantinePage.Path) return Quarantine.AnswerAsync(context);
        if (Account is not null && AccountPages.Owns(context.Request.Path)) return Account.AnswerAsync(context);
        if (Administration is not null && AdministrationPage.Owns(context.Request.Path)) return Administration.AnswerAsync(context);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            headers.Allow = "GET, HEAD";
            return SendAsync(context, HttpStatusCode.MethodNotAllowed, "text/plain; charset=utf-8", "Only GET and HEAD.\n"u8.ToArray());
        }
        return context.Request.Path.Value switch
        {
            "/symbols.json" => SendAsync(context, HttpStatusCode.OK, "application/json", Symbols),
            "/help" => SendAsync(context, HttpStatusCode.OK, "text/html; charset=utf-8", startPage),
            "/style.css" => SendAsync(context, HttpStatusCode.OK, "text/css; charset=utf-8", Style),
            "/.well-known/mta-sts.txt" => PolicyAsync(context),
            "/mail/config-v1.1.xml" => SettingsAsync(context),
            "/health/live" => SendAsync(context, HttpStatusCode.OK, "text/plain; charset=utf-8", "live\n"u8.ToArray()),
            "/health/ready" when ready() => SendAsync(context, HttpStatusCode.OK, "text/plain; charset=utf-8", "ready\n"u8.ToArray()),
            "/health/ready" => SendAsync(context, HttpStatusCode.ServiceUnavailable, "text/plain; charset=utf-8", "not ready\n"u8.ToArray()),
            _ when Application?.Owns(context.Request.Path) == true => Application.AnswerAsync(context),
            "/" => SendAsync(context, HttpStatusCode.OK, "text/html; charset=utf-8", startPage),
            _ => SendAsync(context, HttpStatusCode.NotFound, "text/plain; charset=utf-8", "There is nothing at this address.\n"u8.ToArray()),
        };
    }

    // RFC 8461 §3.3: at the host mta-sts of each domain, and nowhere else.
    private async Task PolicyAsync(HttpContext context)
    {
        if (await OwnDomainAsync(context, "mta-sts.") is not null)
            await SendAsync(context, HttpStatusCode.OK, "text/plain; charset=us-ascii", policy);
        else
            await SendAsync(context, HttpStatusCode.NotFound, "text/plain; charset=utf-8", "No policy of a domain of this server is at this address.\n"u8.ToArray());
    }

    // At the host autoconfig of each domain, where mail programs look with the address in the query; it is the same for all addresses.
    private async Task SettingsAsync(HttpContext context)
    {
        if (await OwnDomainAsync(context, "autoconfig.") is { } domain) await SendAsync(context, HttpStatusCode.OK, "text/xml; charset=utf-8", ClientConfiguration.Write(configuration, domain));
        else await SendAsync(context, HttpStatusCode.NotFound, "text/plain; charset=utf-8", "No settings of a domain of this server are at this address.\n"u8.ToArray());
    }

    // The domain of ours that the host asked for is below, or null.
    private async Task<DomainName?> OwnDomainAsync(HttpContext context, string label)
    {
        var asked = context.Request.Host.Host;
        return asked.StartsWith(label, StringComparison.OrdinalIgnoreCase) && DomainName.TryParse(asked[label.Length..], out var domain) && await isLocal(domain, context.RequestAborted) ? domain : null;
    }

    private static async Task SendAsync(HttpContext context, HttpStatusCode status, string type, byte[] body)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
