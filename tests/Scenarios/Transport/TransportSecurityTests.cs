using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Transport;

/// <summary>
/// Mail between two Sternposts and a Postfix with DANE and MTA-STS in force, with an expired certificate, and with STARTTLS stripped on
/// the way: what arrives and what waits is as RFC 7672 and RFC 8461 ask.
/// </summary>
[Collection(Alone.Name)]
public sealed class TransportSecurityTests
{
    [Fact]
    public async Task Each_pair_delivers_where_its_rule_is_met_and_waits_where_it_is_not()
    {
        TransportLab.NeedAll();
        await using var lab = await TransportLab.StartAsync();
        var alphaKey = lab.Certificates.Write("alpha", ["mail.alpha.test"]);
        lab.Certificates.Write("beta", ["mail.beta.test", "mta-sts.beta.test"]);
        var gammaKey = lab.Certificates.Write("gamma", ["mail.gamma.test"], expired: true);
        // alpha and gamma are protected by DANE, beta by MTA-STS alone. gamma's certificate has expired from the beginning: its key is what is named.
        await lab.StartDnsAsync(new Dictionary<string, (bool, string)>
        {
            ["alpha.test"] = (true, $"@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\nmail A {TransportLab.Alpha}\n_25._tcp.mail TLSA 3 1 1 {alphaKey}\n"),
            ["beta.test"] = (false, $"@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\nmail A {TransportLab.Beta}\nmta-sts A {TransportLab.Beta}\n_mta-sts TXT \"v=STSv1; id=1\"\n"),
            ["gamma.test"] = (true, $"@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\nmail A {TransportLab.Gamma}\n_25._tcp.mail TLSA 3 1 1 {gammaKey}\n"),
        });
        var alpha = new LabSternpost(lab, "alpha", TransportLab.Alpha, "alpha.test");
        var beta = new LabSternpost(lab, "beta", TransportLab.Beta, "beta.test");
        var gamma = new LabPostfix(lab, "gamma", TransportLab.Gamma, "gamma.test");
        await Task.WhenAll(alpha.MakeAsync(), beta.MakeAsync(), gamma.StartAsync());
        await Task.WhenAll(alpha.RestartAsync(), beta.RestartAsync());

        // All as it should be: each pair by its own rule.
        await alpha.SendAsync("user@beta.test", "alpha to beta");
        Assert.Contains("MTA-STS (enforce): TLSv1.3", await alpha.DeliveredAsync("user@beta.test"));
        await beta.SendAsync("user@alpha.test", "beta to alpha");
        Assert.Contains("certificate verified by TLSA", await beta.DeliveredAsync("user@alpha.test"));
        await alpha.SendAsync("user@gamma.test", "alpha to gamma");
        // RFC 7672 §3.1.1: the expired certificate of a key that is named is good.
        Assert.Contains("DANE: TLSv1.3", await alpha.DeliveredAsync("user@gamma.test"));
        await beta.SendAsync("user@gamma.test", "beta to gamma");
        Assert.Contains("DANE: TLSv1.3", await beta.DeliveredAsync("user@gamma.test"));
        await gamma.ReceivedAsync("alpha to gamma");
        await gamma.ReceivedAsync("beta to gamma");
        Assert.Contains("status=sent", await gamma.SendAsync("user@alpha.test", "gamma to alpha"));
        Assert.Contains("Verified TLS connection established to mail.alpha.test", gamma.Log);
        Assert.Contains("status=sent", await gamma.SendAsync("user@beta.test", "gamma to beta"));

        // RFC 8689: beta promises the same for the way further on, Postfix does not.
        await alpha.SendRequiringTlsAsync("user+eyes@beta.test", "for your eyes");
        Assert.Contains("REQUIRETLS: TLSv1.3", await alpha.DeliveredAsync("user+eyes@beta.test"));
        await alpha.SendRequiringTlsAsync("user+eyes@gamma.test", "for your eyes");
        Assert.Contains("REQUIRETLS", await alpha.ReturnedAsync("user+eyes@gamma.test"));

        // What beta's alias passes on leaves in beta's name and with its seal.
        await beta.AliasAsync("list@beta.test", "user@gamma.test");
        await alpha.SendAsync("list@beta.test", "passed on");
        var passedOn = await gamma.ReceivedAsync("passed on");
        Assert.Matches(@"Return-Path: <SRS0=\w{8}=\w\w=alpha\.test=user@beta\.test>", passedOn);
        Assert.Contains("ARC-Seal: ", passedOn);
        Assert.Matches(@"ARC-Authentication-Results: i=1; mail\.beta\.test;[^;]*;\s+spf=pass", passedOn);

        // Expired certificates: an end to MTA-STS, nothing to DANE-EE.
        lab.Certificates.Write("alpha", ["mail.alpha.test"], expired: true);
        lab.Certificates.Write("beta", ["mail.beta.test", "mta-sts.beta.test"], expired: true);
        await Task.WhenAll(alpha.RestartAsync(), beta.RestartAsync());
        await alpha.SendAsync("user@beta.test", "alpha to beta, expired");
        var (reply, protection) = await alpha.DeferredAsync("user@beta.test");
        Assert.Contains("has expired", reply);
        Assert.Contains("MTA-STS (enforce): TLS failed; turned down certificate CN=mail.beta.test", protection);
        await beta.SendAsync("user@alpha.test", "beta to alpha, expired");
        Assert.Contains("certificate verified by TLSA", await beta.DeliveredAsync("user@alpha.test"));
        Assert.Contains("status=sent", await gamma.SendAsync("user@alpha.test", "gamma to alpha, expired"));

        // Somebody on the way takes STARTTLS out of what the servers offer.
        lab.Certificates.Write("alpha", ["mail.alpha.test"]);
        lab.Certificates.Write("beta", ["mail.beta.test", "mta-sts.beta.test"]);
        await Task.WhenAll(alpha.RestartAsync(2525), beta.RestartAsync(2525));
        await StripAsync(lab, "alpha", TransportLab.Alpha);
        await StripAsync(lab, "beta", TransportLab.Beta);
        await alpha.SendAsync("user@beta.test", "alpha to beta, stripped");
        (reply, protection) = await alpha.DeferredAsync("user@beta.test");
        Assert.Contains("offers no TLS", reply);
        Assert.StartsWith("MTA-STS (enforce)", protection);
        await beta.SendAsync("user@alpha.test", "beta to alpha, stripped");
        (reply, protection) = await beta.DeferredAsync("user@alpha.test");
        Assert.Contains("offers no TLS", reply);
        Assert.StartsWith("DANE", protection);
        Assert.Contains("status=deferred", await gamma.SendAsync("user@alpha.test", "gamma to alpha, stripped"));
        // Postfix knows no MTA-STS, and beta no DANE: nothing forbids the clear way.
        Assert.Contains("status=sent", await gamma.SendAsync("user@beta.test", "gamma to beta, stripped"));
    }

    // A proxy on the mail port that passes everything on but the word STARTTLS.
    private static async Task StripAsync(TransportLab lab, string node, string address)
    {
        const string Proxy = """
            import asyncio, sys
            async def pump(reader, writer, strip):
                try:
                    while data := await reader.read(65536):
                        writer.write(data.replace(b'STARTTLS', b'XXXXXXXX') if strip else data)
                        await writer.drain()
                except ConnectionError:
                    pass
                writer.close()
            async def serve(reader, writer):
                up, down = await asyncio.open_connection(sys.argv[1], 2525)
                await asyncio.gather(pump(up, writer, True), pump(reader, down, False))
            async def main():
                server = await asyncio.start_server(serve, sys.argv[1], 25)
                print('strips', flush=True)
                await server.serve_forever()
            asyncio.run(main())
            """;
        var proxy = lab.Start(node, "python3", "-c", Proxy, address);
        await proxy.WaitAsync(() => Task.FromResult(proxy.Said.Contains("strips", StringComparison.Ordinal)));
    }
}
