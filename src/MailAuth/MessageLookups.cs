using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.MailAuth;

/// <summary>
/// DNS for one message: a deadline and a number of questions, shared by all methods. Past either of them every answer is "cannot
/// say now", which each method knows how to live with, so what was found out before still counts.
/// </summary>
internal sealed class MessageLookups(IDnsResolver resolver, int budget, CancellationToken deadline, CancellationToken caller) : IDnsResolver
{
    private int asked;

    /// <summary>Questions put so far.</summary>
    public int Asked => Volatile.Read(ref asked);

    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) =>
        MayAsk() ? Guard(() => resolver.TxtAsync(name, deadline)) : Nothing<string>();

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
        MayAsk() ? Guard(() => resolver.AddressesAsync(name, family, deadline)) : Nothing<IPAddress>();

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) =>
        MayAsk() ? Guard(() => resolver.MxAsync(name, deadline)) : Nothing<MxRecord>();

    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) =>
        MayAsk() ? Guard(() => resolver.PtrAsync(address, deadline)) : Nothing<DomainName>();

    private bool MayAsk()
    {
        caller.ThrowIfCancellationRequested();
        return Interlocked.Increment(ref asked) <= budget && !deadline.IsCancellationRequested;
    }

    private ValueTask<DnsAnswer<T>> Guard<T>(Func<ValueTask<DnsAnswer<T>>> ask)
    {
        try
        {
            var answer = ask();
            return answer.IsCompletedSuccessfully ? answer : WaitAsync(answer);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            // The deadline passed between MayAsk and here.
            return Nothing<T>();
        }
    }

    private async ValueTask<DnsAnswer<T>> WaitAsync<T>(ValueTask<DnsAnswer<T>> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
        }
    }

    private static ValueTask<DnsAnswer<T>> Nothing<T>() => ValueTask.FromResult(DnsAnswer<T>.Of(DnsStatus.TemporaryFailure));
}
