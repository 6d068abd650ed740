using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A push: its header fields by lower-case names, and its body as the browser would read it.</summary>
internal sealed record Pushed(string Path, IReadOnlyDictionary<string, string> Fields, string Text);

/// <summary>
/// A push service (RFC 8030) and the browser behind it: takes pushes over HTTPS and decrypts them (RFC 8291, RFC 8188) with Bouncy Castle, which
/// the server does not use. Its keys are what the browser would have made.
/// </summary>
internal sealed class PushService : IDisposable
{
    private static readonly ECDomainParameters Curve = new(SecNamedCurves.GetByName("secp256r1"));
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ECPrivateKeyParameters key;
    private readonly byte[] point;
    private readonly byte[] secret = new byte[16];

    internal PushService(X509Certificate2 certificate)
    {
        var random = new SecureRandom();
        random.NextBytes(secret);
        var scalar = new BigInteger(1, random.GenerateSeed(32)).Mod(Curve.N.Subtract(BigInteger.One)).Add(BigInteger.One);
        key = new ECPrivateKeyParameters(scalar, Curve);
        point = Curve.G.Multiply(scalar).Normalize().GetEncoded(compressed: false);
        listener.Start();
        _ = RunAsync(certificate);
    }

    internal string Url => $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/push/of-this-browser";

    internal string P256dh => Base64Url.EncodeToString(point);

    internal string Auth => Base64Url.EncodeToString(secret);

    internal ConcurrentQueue<Pushed> Received { get; } = new();

    /// <summary>What it answers: 201, or 410 where it forgot the subscription.</summary>
    internal int Status { get; set; } = 201;

    /// <summary>The first that fits, taken out; waits for it.</summary>
    internal async Task<Pushed> TakeAsync(string containing)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            while (Received.TryDequeue(out var pushed))
            {
                if (pushed.Text.Contains(containing, StringComparison.Ordinal)) return pushed;
            }
            await Task.Delay(100, deadline.Token);
        }
    }

    /// <summary>Whether a VAPID token (RFC 8292) was signed with a key, both as they stand in the field.</summary>
    internal static bool IsSigned(string token, string publicKey)
    {
        var parts = token.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        var verifier = new Org.BouncyCastle.Crypto.Signers.ECDsaSigner();
        verifier.Init(false, new ECPublicKeyParameters(Curve.Curve.DecodePoint(Base64Url.DecodeFromChars(publicKey)), Curve));
        var digest = DigestUtilities.CalculateDigest("SHA-256", Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]));
        return verifier.VerifySignature(digest, new BigInteger(1, signature, 0, 32), new BigInteger(1, signature, 32, 32));
    }

    public void Dispose() => listener.Dispose();

    private async Task RunAsync(X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(certificate);
                var (octets, buffer) = (new List<byte>(), new byte[8192]);
                string? head = null;
                var length = 0;
                while (head is null || octets.Count < length)
                {
                    var read = await stream.ReadAsync(buffer);
                    if (read == 0) break;
                    octets.AddRange(buffer[..read]);
                    if (head is not null) continue;
                    var end = CollectionsEnd(octets);
                    if (end < 0) continue;
                    head = Encoding.ASCII.GetString([.. octets[..end]]);
                    octets.RemoveRange(0, end + 4);
                    length = int.Parse(head.Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))["Content-Length:".Length..]);
                }
                var lines = head!.Split("\r\n");
                var fields = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
                Received.Enqueue(new Pushed(lines[0].Split(' ')[1], fields, fields.GetValueOrDefault("content-encoding") == "aes128gcm" ? Decrypt([.. octets]) : Encoding.UTF8.GetString([.. octets])));
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} Ok\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private static int CollectionsEnd(List<byte> octets)
    {
        for (var i = 0; i + 3 < octets.Count; i++)
        {
            if (octets[i] == '\r' && octets[i + 1] == '\n' && octets[i + 2] == '\r' && octets[i + 3] == '\n') return i;
        }
        return -1;
    }

    private string Decrypt(byte[] body)
    {
        var salt = body[..16];
        Assert.True(BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)) >= 18);
        var theirs = body[21..(21 + body[20])];
        var agreement = new ECDHBasicAgreement();
        agreement.Init(key);
        var shared = agreement.CalculateAgreement(new ECPublicKeyParameters(Curve.Curve.DecodePoint(theirs), Curve)).ToByteArrayUnsigned();
        shared = [.. new byte[32 - shared.Length], .. shared];
        var input = Derive(shared, secret, [.. "WebPush: info\0"u8, .. point, .. theirs], 32);
        var cipher = new GcmBlockCipher(new AesEngine());
        cipher.Init(false, new AeadParameters(new KeyParameter(Derive(input, salt, "Content-Encoding: aes128gcm\0"u8.ToArray(), 16)), 128, Derive(input, salt, "Content-Encoding: nonce\0"u8.ToArray(), 12)));
        var content = body[(21 + body[20])..];
        var plain = new byte[cipher.GetOutputSize(content.Length)];
        var written = cipher.ProcessBytes(content, 0, content.Length, plain, 0);
        written += cipher.DoFinal(plain, written);
        // RFC 8188 §2: behind the delimiter 2 of the last record there is nothing but padding.
        var end = Array.FindLastIndex(plain, written - 1, octet => octet != 0);
        Assert.Equal(2, plain[end]);
        return Encoding.UTF8.GetString(plain, 0, end);
    }

    private static byte[] Derive(byte[] input, byte[] salt, byte[] info, int length)
    {
        var derivation = new HkdfBytesGenerator(new Sha256Digest());
        derivation.Init(new HkdfParameters(input, salt, info));
        var output = new byte[length];
        derivation.GenerateBytes(output, 0, length);
        return output;
    }
}
