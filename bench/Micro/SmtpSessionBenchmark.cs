using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Server;
using Sternpost.Storage;

namespace Sternpost.Micro;

/// <summary>
/// The SMTP server's own share of a message: one transaction of 4 KB on a connection in memory that is used again, no judge, an intake
/// that keeps nothing. Client and server take turns, so the time is that of both and of four hand-overs between threads.
/// </summary>
[MemoryDiagnoser]
public class SmtpSessionBenchmark : IMessageIntake, IAsyncDisposable
{
    private const int Messages = 1000;

    private static readonly byte[] Group = Encoding.ASCII.GetBytes("MAIL FROM:<carol@outside.example> BODY=8BITMIME SIZE=4096\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n");
    private static readonly byte[] Message = Encoding.ASCII.GetBytes(
        "From: Carol <carol@outside.example>\r\nTo: alice@here.test\r\nSubject: The minutes of Tuesday\r\nDate: Mon, 04 May 2026 12:00:00 +0000\r\nMessage-ID: <1@outside.example>\r\n\r\n"
        + string.Concat(Enumerable.Repeat("These are the minutes of Tuesday, and this line is as long as most lines.\r\n", 52)) + ".\r\n");

    private Database database = null!;
    private SmtpServer server = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        database = await Database.OpenAsync(Path.Combine(Path.GetTempPath(), "sternpost-bench-" + Guid.NewGuid().ToString("N")), TimeProvider.System, default);
        var directory = new AccountDirectory(database, TimeProvider.System);
        await directory.AddDomainAsync(DomainName.Parse("here.test"), default);
        await directory.AddAccountAsync(EmailAddress.Parse("alice@here.test"), "correct horse battery staple", "", false, 0, default);
        server = new SmtpServer(
            new SmtpServerOptions { HostName = DomainName.Parse("mail.here.test"), MessagesPerConnection = int.MaxValue }, directory,
            new SaslServer(new Credentials(database, directory, TimeProvider.System)), new JudgePanel(new FilterOptions(), [], null, TimeProvider.System),
            new SendingLimits(database, new SendingLimitOptions(), TimeProvider.System), this, new NoDnsResolver(), TimeProvider.System, NullLoggerFactory.Instance);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(database.Folder, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task OneConnection()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var transport = new DefaultConnectionContext("bench", new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer))
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 12345),
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
        };
        var connection = new MailConnection(transport, new IPEndPoint(IPAddress.Loopback, 12345), new IPEndPoint(IPAddress.Loopback, 25), new TlsCertificates(Certificate()), TimeSpan.FromSeconds(30), TimeProvider.System, default);
        var serving = Task.Run(async () =>
        {
            await server.ServeMxAsync(connection);
            await connection.DisposeAsync();
        });
        await ReadRepliesAsync(toClient.Reader, 1);
        await toServer.Writer.WriteAsync("EHLO client.example\r\n"u8.ToArray());
        // The greeting and nine extensions.
        await ReadRepliesAsync(toClient.Reader, 10);
        for (var i = 0; i < Messages; i++)
        {
            await toServer.Writer.WriteAsync(Group.AsMemory());
            await ReadRepliesAsync(toClient.Reader, 3);
            await toServer.Writer.WriteAsync(Message);
            await ReadRepliesAsync(toClient.Reader, 1);
        }
        await toServer.Writer.WriteAsync("QUIT\r\n"u8.ToArray());
        await serving;
    }

    ValueTask<IntakeResult> IMessageIntake.AcceptAsync(IncomingMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new IntakeResult(true, 250, "2.0.0", "Ok, kept as nothing", "x"));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await database.DisposeAsync();
    }

    private static async ValueTask ReadRepliesAsync(PipeReader reader, int count)
    {
        while (count > 0)
        {
            var read = await reader.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                if (!segment.IsEmpty && segment.Span[0] is (byte)'4' or (byte)'5') throw new InvalidOperationException(Encoding.ASCII.GetString(read.Buffer.ToArray()));
                count -= segment.Span.Count((byte)'\n');
            }
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static (System.Security.Cryptography.X509Certificates.X509Certificate2, System.Security.Cryptography.X509Certificates.X509Certificate2Collection) Certificate() => (Shared.Value, []);

    private static readonly Lazy<System.Security.Cryptography.X509Certificates.X509Certificate2> Shared = new(() =>
        Sternpost.Composition.CertificateMaker.Leaf(null, ["mail.here.test"], [], DateTimeOffset.UtcNow));

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
