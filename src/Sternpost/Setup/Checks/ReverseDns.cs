using Sternpost.Dns;

namespace Sternpost.Setup.Checks;

/// <summary>Whether the way back from each address leads to the server's name. Large receivers refuse mail without it.</summary>
internal static class ReverseDns
{
    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (subject.PublicAddresses.Count == 0)
        {
            return CheckResult.Warning("Reverse DNS", "no public address of this machine is known", "Name it with --address, or publish the host name's address records first.");
        }
        var host = subject.Configuration.Server.Hostname;
        foreach (var address in subject.PublicAddresses)
        {
            var names = await subject.Resolver.PtrAsync(address, cancellation);
            if (names.Status == DnsStatus.TemporaryFailure) return CheckResult.Unknown("Reverse DNS", $"{address} could not be looked up, because DNS does not answer", "Check the network and the resolver of this machine.");
            if (names.Records.Contains(host)) continue;
            return CheckResult.Warning("Reverse DNS", names.Records.Count == 0 ? $"{address} has no name" : $"{address} is called {names.Records[0]}, not {host}",
                $"Have whoever gave you the address set its reverse name to {host}.");
        }
        return CheckResult.Ok("Reverse DNS", $"{string.Join(", ", subject.PublicAddresses)} is {host}");
    }
}
