using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Fuzz.Engine;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Fuzz.Targets;

/// <summary>What all targets take for given: a time that stands still, keys, an address.</summary>
internal static class Given
{
    internal static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    internal static readonly TimeProvider Time = new StandingTime();
    internal static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    internal static readonly DomainName Domain = DomainName.Parse("example.org");
    internal static readonly DomainName Host = DomainName.Parse("mail.example.org");

    // RFC 5958 around 32 octets anybody may know.
    internal static readonly DkimSigningKey Ed25519 = DkimSigningKey.Import(Domain, "ed", [.. Convert.FromHexString("302e020100300506032b657004220420"), .. Encoding.ASCII.GetBytes("thirty-two octets for fuzz tests")]);
    internal static readonly DkimSigningKey Rsa = DkimSigningKey.GenerateRsa(Domain, "rsa");

    /// <summary>One octet, one character.</summary>
    internal static string Latin(byte[] input) => Encoding.Latin1.GetString(input);

    /// <summary>The answer of work that waits for nothing.</summary>
    internal static T Done<T>(ValueTask<T> work) => work.IsCompleted ? work.GetAwaiter().GetResult() : throw new LawBroken("the work waits for something");

    /// <summary>The key record for a selector: a real one, unless the input brings its own.</summary>
    internal static FuzzZone Keys(string? record) => new(name =>
        record is not null ? [record] : [name.Ascii.StartsWith("rsa.", StringComparison.Ordinal) ? Rsa.RecordText : Ed25519.RecordText]);

    internal static void Law(bool holds, string law)
    {
        if (!holds) throw new LawBroken(law);
    }

    private sealed class StandingTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
