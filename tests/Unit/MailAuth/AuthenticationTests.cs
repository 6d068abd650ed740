using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.MailAuth;

public sealed class AuthenticationTests
{
    private const string Letter = "From: Ann <ann@mail.example.com>\r\nTo: b@example.net\r\nSubject: Hello\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nText\r\n";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DkimSigningKey Key = DkimSigningKey.GenerateEd25519(DomainName.Parse("example.com"), "e1");

    [Fact]
    public async Task ASignatureOfTheOrganisationProvesTheAuthor()
    {
        var outcome = await EvaluateAsync(Zone(), Signed(), "192.0.2.99");
        Assert.Equal((SpfKind.Fail, DkimKind.Pass, DmarcKind.Pass), (outcome.Spf.Kind, Assert.Single(outcome.Dkim).Kind, outcome.Dmarc.Kind));
        Assert.Equal("example.com", outcome.Dmarc.Dkim.AlignedDomain?.Ascii);
        Assert.Equal("mail.example.com", outcome.FromDomain?.Ascii);
    }

    [Fact]
    public async Task SpfProvesTheAuthorWithoutASignature()
    {
        var outcome = await EvaluateAsync(Zone(), Encoding.ASCII.GetBytes(Letter), "192.0.2.1");
        Assert.Equal((SpfKind.Pass, DmarcKind.Pass), (outcome.Spf.Kind, outcome.Dmarc.Kind));
        Assert.Empty(outcome.Dkim);
    }

    [Fact]
    public async Task WhereNeitherAlignsTheOwnersPolicyApplies()
    {
        var outcome = await EvaluateAsync(Zone(), Encoding.ASCII.GetBytes(Letter), "192.0.2.99");
        Assert.Equal((DmarcKind.Fail, DmarcPolicy.Quarantine), (outcome.Dmarc.Kind, outcome.Dmarc.Disposition));
    }

    [Fact]
    public async Task WhatCouldNotBeAskedNowNeverMakesDmarcFail()
    {
        var zone = Zone().Remove("e1._domainkey.example.com").Fails("e1._domainkey.example.com");
        var outcome = await EvaluateAsync(zone, Signed(), "192.0.2.99");
        Assert.Equal((DkimKind.TempError, DmarcKind.TempError), (Assert.Single(outcome.Dkim).Kind, outcome.Dmarc.Kind));
    }

    [Fact]
    public async Task WhereTheOrganisationCannotBeFoundNowAnAlignedSignatureIsNotTakenForAnother()
    {
        // mail.example.com has its own record, but whether example.com is its organisation cannot be asked.
        var zone = Zone().Txt("_dmarc.mail.example.com", "v=DMARC1; p=reject").Remove("_dmarc.example.com").Fails("_dmarc.example.com");
        var outcome = await EvaluateAsync(zone, Signed(), "192.0.2.99");
        Assert.Equal(DmarcKind.TempError, outcome.Dmarc.Kind);
    }

    [Fact]
    public async Task AtTheDeadlineWhatIsKnownStands()
    {
        var time = new FakeTimeProvider(Now);
        // SPF's zone never answers; the key and the policy do.
        var slow = new Stalling(Zone(), name => name.Ascii == "example.com");
        var running = EvaluateAsync(slow, Signed(), "192.0.2.1", time);
        Assert.False(running.IsCompleted);
        time.Advance(Authentication.Deadline + TimeSpan.FromSeconds(1));
        var outcome = await running.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((SpfKind.TempError, DkimKind.Pass, DmarcKind.Pass), (outcome.Spf.Kind, Assert.Single(outcome.Dkim).Kind, outcome.Dmarc.Kind));
    }

    [Fact]
    public async Task TheCallersCancellationIsAnException()
    {
        using var caller = new CancellationTokenSource();
        var running = new Authentication(new Stalling(Zone(), _ => true), TimeProvider.System)
            .EvaluateAsync(Session("192.0.2.1"), Envelope(), Signed(), caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task ThousandsOfLookupsAreNotMade()
    {
        // Ten signatures, ten SPF terms of ten exchanges each, and a deep author name.
        var zone = new ZoneResolver().Txt("example.com", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 10).Select(i => $"mx:m{i}.example.com")) + " -all");
        for (var i = 0; i < 10; i++)
        {
            for (var j = 0; j < 10; j++) zone.Mx($"m{i}.example.com", j, $"h{i}-{j}.example.com").Address($"h{i}-{j}.example.com", "198.51.100.1");
        }
        var raw = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 10).Select(i =>
            $"DKIM-Signature: v=1; a=rsa-sha256; d=d{i}.example.com; s=s; h=from; bh=AAAA; b=AAAA\r\n")) + "From: <a@" + string.Concat(Enumerable.Repeat("a.", 50)) + "example.com>\r\n\r\n");
        var outcome = await EvaluateAsync(zone, raw, "203.0.113.1");
        Assert.True(zone.Asked <= 120, $"{zone.Asked} questions");
        Assert.Contains(outcome.Dkim, result => result.Kind == DkimKind.TempError);
    }

    [Fact]
    public async Task TheHeaderFieldTellsAllOfIt()
    {
        var value = (await EvaluateAsync(Zone(), Signed(), "192.0.2.1")).ToHeaderValue();
        Assert.Contains("spf=pass smtp.mailfrom=ann@example.com", value, StringComparison.Ordinal);
        Assert.Contains("dkim=pass header.d=example.com header.i=@example.com header.s=e1 header.a=ed25519-sha256", value, StringComparison.Ordinal);
        Assert.Contains("dmarc=pass header.from=mail.example.com policy.dmarc=quarantine", value, StringComparison.Ordinal);
    }

    private static ZoneResolver Zone() => new ZoneResolver()
        .Txt(Key.RecordName.Ascii, Key.RecordText)
        .Txt("example.com", "v=spf1 ip4:192.0.2.1 -all")
        .Txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine");

    private static byte[] Signed()
    {
        var octets = Encoding.ASCII.GetBytes(Letter);
        return [.. DkimSigner.Sign(octets, Key, Now), .. octets];
    }

    private static Task<AuthenticationOutcome> EvaluateAsync(IDnsResolver resolver, byte[] raw, string client, TimeProvider? time = null) =>
        new Authentication(resolver, time ?? new FakeTimeProvider(Now)).EvaluateAsync(Session(client), Envelope(), raw, default).AsTask();

    private static SessionFacts Session(string client) => new(IPAddress.Parse(client), "mx.example.com", "ESMTP", null, null, null, Now, "s1");

    private static Envelope Envelope() => new(EmailAddress.Parse("ann@example.com"), [new EnvelopeRecipient(EmailAddress.Parse("b@example.net"))]);

    /// <summary>Never answers for some names.</summary>
    private sealed class Stalling(IDnsResolver inner, Func<DomainName, bool> stalls) : IDnsResolver
    {
        public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) =>
            stalls(name) ? Never<string>(cancellation) : inner.TxtAsync(name, cancellation);

        public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
            stalls(name) ? Never<IPAddress>(cancellation) : inner.AddressesAsync(name, family, cancellation);

        public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) =>
            stalls(name) ? Never<MxRecord>(cancellation) : inner.MxAsync(name, cancellation);

        public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) => inner.PtrAsync(address, cancellation);

        private static async ValueTask<DnsAnswer<T>> Never<T>(CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
        }
    }
}
