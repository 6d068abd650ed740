using System.Diagnostics.Metrics;
using System.Text;

namespace Sternpost.Accounts.Sasl;

/// <summary>One exchange in progress; not reusable.</summary>
public abstract class SaslExchange
{
    // Names and passwords have at most 512 octets each; SCRAM's messages are shorter than that.
    private const int MaxResponse = 2048;

    private static readonly Meter Meter = new("Sternpost");
    private static readonly Counter<long> SignIns = Meter.CreateCounter<long>("sternpost.accounts.sign_ins", "{attempt}", "Sign-ins tried, by mechanism and outcome.");

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string mechanism;
    private bool ended;

    private protected SaslExchange(string mechanism) => this.mechanism = mechanism;

    /// <summary>True where a web site may sign in: at the submission door, and nowhere that mail is read. Set before the first step.</summary>
    public bool TakesSites { get; set; }

    /// <summary>Takes the client's decoded response (null where none was sent yet) and answers the next step.</summary>
    /// <exception cref="InvalidOperationException">The exchange has ended.</exception>
    public async ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancellation)
    {
        if (ended) throw new InvalidOperationException("This exchange has ended.");
        var step = response is { Length: > MaxResponse } ? Malformed("too long") : Checked(await NextAsync(response, cancellation).ConfigureAwait(false), TakesSites);
        if (step is not SaslStep.Challenge)
        {
            ended = true;
            Count(mechanism, step);
        }
        return step;
    }

    private protected abstract ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken cancellation);

    /// <summary>A site's password opens nothing but the door it sends by.</summary>
    internal static SaslStep Checked(SaslStep step, bool takesSites) => step is SaslStep.Success { Account: { Site: not null } site } && !takesSites
        ? new SaslStep.Failure(SaslFailure.Credentials, $"{site.Address} is a web site, which can only send")
        : step;

    internal static void Count(string mechanism, SaslStep end) => SignIns.Add(1,
        new KeyValuePair<string, object?>("mechanism", mechanism),
        new KeyValuePair<string, object?>("outcome", end is SaslStep.Failure failure ? failure.Kind.ToString().ToLowerInvariant() : "success"));

    private protected SaslStep.Failure Malformed(string what) => new(SaslFailure.Malformed, $"{mechanism}: {what}");

    /// <summary>Strict UTF-8, or null.</summary>
    private protected static string? Text(ReadOnlySpan<byte> octets)
    {
        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
