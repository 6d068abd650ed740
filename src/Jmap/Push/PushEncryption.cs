using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Jmap.Push;

/// <summary>Encrypts what is pushed for its receiver (RFC 8291), so that the push service between learns nothing but that something was pushed.</summary>
internal static class PushEncryption
{
    private const int PointLength = 65;
    private const int AuthLength = 16;
    private const int TagLength = 16;
    private const int RecordSize = 4096;

    /// <summary>Whether these are keys that can be used; they come in base64url as browsers give them.</summary>
    internal static bool AreKeys(string p256dh, string auth) => Decode(auth) is { Length: AuthLength } && Decode(p256dh) is { Length: PointLength } point && Import(point) is { } key && Dispose(key);

    /// <summary>The body in the aes128gcm coding (RFC 8188), with its one record.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> content, string p256dh, string auth)
    {
        var (receiver, secret) = (Decode(p256dh)!, Decode(auth)!);
        using var theirs = Import(receiver) ?? throw new CryptographicException("The subscription's key is no point of P-256.");
        using var ours = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = Point(ours);
        var shared = ours.DeriveRawSecretAgreement(theirs.PublicKey);
        // RFC 8291 §3.4.
        byte[] info = [.. "WebPush: info\0"u8, .. receiver, .. point];
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, secret, info);
        var salt = RandomNumberGenerator.GetBytes(16);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());
        // RFC 8188 §2: the delimiter of the last record.
        byte[] plain = [.. content, 2];
        var body = new byte[16 + 4 + 1 + PointLength + plain.Length + TagLength];
        salt.CopyTo(body, 0);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(16), RecordSize);
        body[20] = PointLength;
        point.CopyTo(body, 21);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, plain, body.AsSpan(21 + PointLength, plain.Length), body.AsSpan(21 + PointLength + plain.Length));
        return body;
    }

    private static ECDiffieHellman? Import(byte[] point)
    {
        if (point.Length != PointLength || point[0] != 4) return null;
        try
        {
            return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Point(ECDiffieHellman key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return [4, .. parameters.Q.X!, .. parameters.Q.Y!];
    }

    private static byte[]? Decode(string text)
    {
        var plain = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return plain.Length < 200 && Base64Url.IsValid(plain) ? Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(plain)) : null;
    }

    private static bool Dispose(ECDiffieHellman key)
    {
        key.Dispose();
        return true;
    }
}
