using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sternpost.Network;

namespace Sternpost.Fronts.Rspamd;

/// <summary>Where the Rspamd front listens. Cleartext HTTP, as its clients speak it: for loopback and networks of one's own.</summary>
public sealed class RspamdListener : IAsyncDisposable
{
    private readonly WebApplication application;

    /// <summary>Binds nothing yet.</summary>
    public RspamdListener(RspamdFront front, IReadOnlyList<IPEndPoint> endPoints, FrontOptions options, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = ListenSockets.Bound).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxMessage;
            foreach (var endPoint in endPoints) kestrel.Listen(endPoint);
        });
        application = builder.Build();
        application.Run(front.AnswerAsync);
    }

    /// <summary>Binds and begins to answer.</summary>
    /// <exception cref="IOException">The address or port cannot be had; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellation) => application.StartAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await application.StopAsync().ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
    }
}
