using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.MailAuth.Published;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>The records of each domain as the world sees them: one result for each domain in order, one for each record that is not.</summary>
internal static class PublishedDns
{
    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        foreach (var domain in await new AccountDirectory(patient.Database, TimeProvider.System).DomainsAsync(cancellation))
        {
            var facts = await PublishedRecords.FactsAsync(domain.Name, patient.Configuration, patient.DataFolder, patient.Addresses, patient.Database, cancellation);
            var checks = await DnsComparison.CheckAsync(facts, patient.Resolver, TimeProvider.System, cancellation);
            // Those of the host's name and address are the checks of their own.
            var wrong = checks.Where(check => check.IsFailure && check.Record.Type is not "PTR").ToList();
            var unknown = checks.Count(check => check.State == PublishedState.Unknown);
            foreach (var check in wrong)
            {
                results.Add(CheckResult.Failed("DNS records", $"{domain.Name}: {check.Record.Type} {check.Record.Name} {(check.State == PublishedState.Missing ? "is missing" : "is not as it should be")}. {string.Join(" ", check.Remarks)}".TrimEnd(),
                    $"Publish: {check.Record.Name} {check.Record.Type} {check.Record.Value}") with
                { Subject = $"{check.Record.Type} {check.Record.Name} of {domain.Name}" });
            }
            if (wrong.Count == 0 && unknown == checks.Count) results.Add(CheckResult.Unknown("DNS records", $"{domain.Name}: DNS did not answer", "Check the network and the resolver of this machine.") with { Subject = " of " + domain.Name });
            else if (unknown > 0) results.Add(new CheckResult("DNS records", CheckLevel.Skipped, $"{domain.Name}: DNS did not answer for {unknown} records", "") { Subject = " of " + domain.Name, IsUnknown = true });
            else if (wrong.Count == 0) results.Add(CheckResult.Ok("DNS records", $"{domain.Name}: everything essential is in order"));
        }
        return results;
    }
}
