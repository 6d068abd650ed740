using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Queue.TlsReports;

/// <summary>Posts a report to a web place (RFC 8460 §5.4).</summary>
internal sealed class TlsReportPost(StrictHttps http, TimeSpan within, TimeProvider time, ILogger log)
{
    /// <summary>True where it was taken.</summary>
    internal async Task<bool> SendAsync(TlsReport report, Uri place, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        using var client = http.Client(_ => { });
        try
        {
            using var content = new ByteArrayContent(report.ToGzip());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/tlsrpt+gzip");
            using var request = new HttpRequestMessage(HttpMethod.Post, place) { Content = content };
            // What it answers is of no interest, so it is not read.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return true;
            log.TlsReportNotTaken(report.Id, place.Host, $"it answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            log.TlsReportNotTaken(report.Id, place.Host, "it did not answer in time");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            log.TlsReportNotTaken(report.Id, place.Host, failed.Message);
        }
        return false;
    }
}
