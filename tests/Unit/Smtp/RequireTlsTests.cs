using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>REQUIRETLS as the server takes it (RFC 8689 §2, §4.1).</summary>
public sealed class RequireTlsTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Inside_TLS_it_is_offered_and_goes_on_with_the_message()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *STARTTLS*
            C: STARTTLS
            S: 220 *
            TLS
            C: EHLO client.example
            S: 250 * / REQUIRETLS / *
            C: MAIL FROM:<a@outside.example> REQUIRETLS=yes
            S: 501 5.5.4 *
            C: MAIL FROM:<a@outside.example> REQUIRETLS REQUIRETLS
            S: 501 5.5.4 *
            C: MAIL FROM:<a@outside.example> requiretls
            S: 250 *
            C: RCPT TO:<alice@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            C: Subject: x
            C: .
            S: 250 *
            """);
        Assert.True(host.Intake.Single.Envelope.RequireTls);
    }

    [Fact]
    public Task In_clear_there_is_no_such_parameter() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *STARTTLS*
        C: MAIL FROM:<a@outside.example> REQUIRETLS
        S: 555 5.5.4 *
        """);
}
