using System.Net;

namespace Sternpost.Dns;

/// <summary>What reverse DNS came to (RFC 8601 §2.7.3).</summary>
/// <param name="Result">pass, fail, temperror, permerror, or none where nobody asked.</param>
/// <param name="Name">The name that leads back to the address; null unless the result is pass.</param>
public sealed record ReverseOutcome(string Result, DomainName? Name)
{
    /// <summary>Nobody asked.</summary>
    public static ReverseOutcome None { get; } = new("none", null);

    /// <summary>The address has names, and none leads back to it.</summary>
    public static ReverseOutcome Fail { get; } = new("fail", null);

    /// <summary>DNS did not answer.</summary>
    public static ReverseOutcome TemporaryError { get; } = new("temperror", null);

    /// <summary>The address has no name that can be looked up.</summary>
    public static ReverseOutcome PermanentError { get; } = new("permerror", null);
}

/// <summary>Forward-confirmed reverse DNS, asked while the client still says hello.</summary>
public static class ReverseLookup
{
    // RFC 8601 §2.7.3 leaves the number to the verifier; RFC 7208 §4.6.4 has ten for the same purpose.
    private const int MaxNames = 10;

    /// <summary>What is not known within <paramref name="timeout"/> is a temporary error.</summary>
    public static async Task<ReverseOutcome> AskAsync(IDnsResolver resolver, IPAddress address, TimeSpan timeout, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            // WaitAsync too, so that a resolver that does not look at its token holds nothing up.
            return await AskAsync(resolver, address, deadline.Token).AsTask().WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ReverseOutcome.TemporaryError;
        }
    }

    private static async ValueTask<ReverseOutcome> AskAsync(IDnsResolver resolver, IPAddress address, CancellationToken cancellation)
    {
        var pointers = await resolver.PtrAsync(address, cancellation).ConfigureAwait(false);
        if (pointers.Status == DnsStatus.TemporaryFailure) return ReverseOutcome.TemporaryError;
        if (pointers.Status != DnsStatus.Success) return ReverseOutcome.PermanentError;
        var (failed, found) = (false, false);
        foreach (var name in pointers.Records.Take(MaxNames))
        {
            var addresses = await resolver.AddressesAsync(name, address.AddressFamily, cancellation).ConfigureAwait(false);
            if (addresses.Records.Contains(address)) return new ReverseOutcome("pass", name);
            failed |= addresses.Status == DnsStatus.TemporaryFailure;
            found |= addresses.Status == DnsStatus.Success;
        }
        return failed ? ReverseOutcome.TemporaryError : found ? ReverseOutcome.Fail : ReverseOutcome.PermanentError;
    }
}
