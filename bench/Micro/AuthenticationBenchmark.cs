using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Micro;

/// <summary>Who sent it: each method by itself and all together, for a message of 4 KB, with every DNS answer in memory.</summary>
[MemoryDiagnoser]
public class AuthenticationBenchmark
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");

    private readonly RememberedAnswers resolver;
    private readonly byte[] plain, rsa, ed25519, both;
    private readonly Authentication authentication;
    private readonly SessionFacts session = new(Client, "mail.example.org", "ESMTPS", "TLSv1.3", null, null, Now, "bench") { ReverseResult = "pass" };
    private readonly Envelope envelope = new(EmailAddress.Parse("ann@example.org"), [new EnvelopeRecipient(EmailAddress.Parse("bob@example.net"))]);

    public AuthenticationBenchmark()
    {
        var domain = DomainName.Parse("example.org");
        using var rsaKey = DkimSigningKey.GenerateRsa(domain, "rsa");
        using var edKey = DkimSigningKey.GenerateEd25519(domain, "ed");
        resolver = new RememberedAnswers(new ZoneResolver()
            .Txt("example.org", "v=spf1 mx include:_spf.example.net ip4:198.51.100.0/24 -all").Txt("_spf.example.net", "v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.0/24 ~all")
            .Mx("example.org", 10, "mx.example.org").Address("mx.example.org", "203.0.113.7")
            .Txt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:reports@example.org")
            .Txt(rsaKey.RecordName.Ascii, rsaKey.RecordText).Txt(edKey.RecordName.Ascii, edKey.RecordText));
        authentication = new Authentication(resolver, TimeProvider.System);
        plain = Encoding.ASCII.GetBytes("Received: from mail.example.org (mail.example.org [192.0.2.1])\r\n\tby mx.example.net with ESMTPS id 1;\r\n\tFri, 2 Jan 2026 03:04:05 +0000\r\n"
            + "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.net>\r\nSubject: The minutes of our meeting\r\nDate: Fri, 2 Jan 2026 03:04:05 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            + string.Concat(Enumerable.Repeat("A line of text as people write them, of about seventy-two characters.\r\n", 50)));
        rsa = [.. DkimSigner.Sign(plain, rsaKey, Now), .. plain];
        ed25519 = [.. DkimSigner.Sign(plain, edKey, Now), .. plain];
        both = [.. DkimSigner.Sign(plain, [rsaKey, edKey], Now), .. plain];
    }

    [Benchmark]
    public SpfResult Spf() => SpfCheck.EvaluateAsync(Client, "mail.example.org", "ann@example.org", resolver, TimeProvider.System, default).AsTask().Result;

    [Benchmark]
    public IReadOnlyList<DkimResult> DkimRsa2048() => DkimVerifier.VerifyAsync(rsa, Now, resolver, default).AsTask().Result;

    [Benchmark]
    public IReadOnlyList<DkimResult> DkimEd25519() => DkimVerifier.VerifyAsync(ed25519, Now, resolver, default).AsTask().Result;

    /// <summary>An unsigned message: SPF and the search for the policy, which is what DMARC adds, and the reading of the header.</summary>
    [Benchmark]
    public AuthenticationOutcome SpfAndDmarc() => authentication.EvaluateAsync(session, envelope, plain, default).AsTask().Result;

    [Benchmark]
    public AuthenticationOutcome AllOfRsa2048() => authentication.EvaluateAsync(session, envelope, rsa, default).AsTask().Result;

    [Benchmark]
    public AuthenticationOutcome AllOfBoth() => authentication.EvaluateAsync(session, envelope, both, default).AsTask().Result;

    [Benchmark]
    public string AllOfRsa2048Written() => authentication.EvaluateAsync(session, envelope, rsa, default).AsTask().Result.ToHeaderValue();

    /// <summary>Finds answers as the server's resolver finds those it remembers: by name and type in a dictionary.</summary>
    private sealed class RememberedAnswers(IDnsResolver zone) : IDnsResolver
    {
        private readonly ConcurrentDictionary<(string, int), object> answers = new();

        public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) => Remember(name, 16, () => zone.TxtAsync(name, default));

        public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) => Remember(name, (int)family, () => zone.AddressesAsync(name, family, default));

        public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) => Remember(name, 15, () => zone.MxAsync(name, default));

        public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) => Remember(ReverseName.Of(address), 12, () => zone.PtrAsync(address, default));

        private ValueTask<DnsAnswer<T>> Remember<T>(DomainName name, int type, Func<ValueTask<DnsAnswer<T>>> ask)
        {
            if (answers.TryGetValue((name.Ascii, type), out var known)) return ValueTask.FromResult((DnsAnswer<T>)known);
            var answer = ask().AsTask().Result;
            answers[(name.Ascii, type)] = answer;
            return ValueTask.FromResult(answer);
        }
    }
}
