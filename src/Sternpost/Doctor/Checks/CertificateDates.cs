using Sternpost.Certificates;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>The certificates' dates, names and keys, and how ordering them goes.</summary>
internal static class CertificateDates
{
    private const string Check = "Certificate";
    private const string Renew = "Have it renewed and put the new files in place, or bring them in with 'sternpost certificate import'; the server notices within seconds.";

    // Of one that nobody renews by itself; two weeks are time enough to have another.
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        if (patient.IsDemo) return [CheckResult.Ok(Check, "the demo's own")];
        var now = DateTimeOffset.UtcNow;
        var host = patient.Configuration.Server.Hostname.Ascii;
        var shelf = new CertificateShelf(patient.Configuration, patient.DataFolder);
        var (held, unusable) = shelf.Read(now, withKeys: true);
        var states = await new CertificateBook(patient.Database).AllAsync(cancellation);
        List<CheckResult> results = [];
        foreach (var bad in unusable)
            results.Add(CheckResult.Failed(Check, $"{bad.Path} cannot be used: {bad.Reason}", "Name the right files in [tls], or delete the file; a first certificate is made by 'sternpost setup'.") with { Subject = bad.Path });
        results.Add(held.Count == 0
            ? CheckResult.Failed(Check, "there is none", "Name its files in [tls]; a first certificate is made by 'sternpost setup'.")
            : Host(held[0], host, patient.Configuration.Acme.AcceptTerms, now));
        foreach (var other in held.Skip(1).Where(other => other.Until < now + Soon && other.Origin != CertificateOrigin.Acme && !other.IsSelfSigned && !held.Any(better => better != other && better.Until > other.Until && other.Names.All(name => better.Covers(name)))))
            results.Add(CheckResult.Warning(Check, $"the one of {string.Join(", ", other.Names)} ends on {other.Until:yyyy-MM-dd}", Renew) with { Subject = other.Path });
        if (!patient.Configuration.Acme.AcceptTerms) return results;
        foreach (var state in states)
        {
            var names = state.Name == CertificateShelf.HostName ? host : state.Name;
            if (state.Problem.Length > 0)
                results.Add(CheckResult.Warning(Check, $"the authority makes none for {names} since {state.ProblemSince:yyyy-MM-dd HH:mm} UTC: {state.Problem}", $"{state.Advice} When it is mended: sternpost certificate renew {state.Name}") with { Subject = "acme " + state.Name });
            foreach (var name in state.LeftOut.Where(name => state.Problem.Length == 0 || !state.Problem.StartsWith(name.Name, StringComparison.Ordinal)))
                results.Add(CheckResult.Warning(Check, $"{name.Name} is in no certificate: {name.Reason}", name.Advice) with { Subject = "name " + name.Name });
        }
        return results;
    }

    private static CheckResult Host(HeldCertificate shown, string host, bool isOrdered, DateTimeOffset now)
    {
        var left = shown.Until - now;
        var isRenewed = shown.Origin == CertificateOrigin.Acme;
        return left <= TimeSpan.Zero ? CheckResult.Failed(Check, $"expired on {shown.Until:yyyy-MM-dd}: mail programs refuse it", isRenewed ? "sternpost certificate list tells why it was not renewed." : Renew)
            : shown.From > now ? CheckResult.Failed(Check, $"is not valid before {shown.From:yyyy-MM-dd}", "Look at the clock of this computer, or wait.")
            : !shown.Covers(host) ? CheckResult.Failed(Check, $"does not name {host} (it names {string.Join(", ", shown.Names)}): mail programs refuse it", $"Get one for {host}, or correct server.hostname.")
            : shown.IsSelfSigned ? CheckResult.Warning(Check, $"is the server's own, valid until {shown.Until:yyyy-MM-dd}; mail programs warn of it",
                isOrdered ? "One is ordered; sternpost certificate list tells how that goes." : "Let the server order one (set acme.accept_terms, see docs/operations/certificates.md), or name your own in [tls].")
            : left < Soon && !isRenewed ? CheckResult.Warning(Check, $"expires on {shown.Until:yyyy-MM-dd}, in {left.TotalDays:0} days", Renew)
            : CertificateWarnings.Stage(shown, now) > 0 ? CheckResult.Warning(Check, $"expires on {shown.Until:yyyy-MM-dd HH:mm} UTC and has not been renewed", "sternpost certificate list tells why.")
            : CheckResult.Ok(Check, $"names {host}, valid until {shown.Until:yyyy-MM-dd}" + (isRenewed ? "; renewed by itself" : ""));
    }
}
