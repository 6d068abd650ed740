using System.Globalization;
using Sternpost.Abuse.Alerts;
using Sternpost.Configuration;

namespace Sternpost.Certificates;

/// <summary>Tells the administrator of certificates that end, well before they do, and of a first one that cannot be had: once at each stage.</summary>
internal sealed class CertificateWarnings(ServerConfiguration configuration, CertificateBook book, IAlerts alerts, TimeProvider time)
{
    // Of an ordered one a third of the life is left when its renewal begins.
    private static readonly TimeSpan Early = TimeSpan.FromDays(21), Late = TimeSpan.FromDays(5);

    public async Task LookAsync(IReadOnlyList<HeldCertificate> held, IReadOnlyList<CertificateState> states, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var certificate in held.Where(certificate => !certificate.IsSelfSigned && IsShown(certificate, held, now)))
        {
            var stage = Stage(certificate, now);
            var state = certificate.Origin == CertificateOrigin.Acme ? states.FirstOrDefault(state => state.Name == certificate.Name) : null;
            await book.WarnAsync(certificate.Leaf.Thumbprint, stage, sql => alerts.Raise(sql, Ending(certificate, state, stage)), cancellation);
        }
        // Without one of an authority, mail programs warn from the first day.
        var host = configuration.Server.Hostname.Ascii;
        var hasNone = configuration.Acme.AcceptTerms && !held.Any(certificate => !certificate.IsSelfSigned && certificate.IsValidAt(now) && certificate.Covers(host));
        var first = states.FirstOrDefault(state => state.Name == CertificateShelf.HostName);
        await book.WarnAsync("first", hasNone && first is { Failures: > 0 } ? 1 : 0, sql => alerts.Raise(sql, new Alert(
            "certificate", $"No certificate for {host} yet", $"The authority did not make one: {first!.Problem}.\n\nWhat to do: {first.Advice}\n\nIt is tried again by itself. When it is mended, at once: sternpost certificate renew host\n")), cancellation);
    }

    // What another stands in front of is missed by nobody.
    private static bool IsShown(HeldCertificate certificate, IReadOnlyList<HeldCertificate> held, DateTimeOffset now) =>
        certificate.Names.Any(name => held.Where(other => other.Covers(name)).OrderBy(other => !other.IsValidAt(now)).First() == certificate);

    internal static int Stage(HeldCertificate certificate, DateTimeOffset now)
    {
        var (life, left) = (certificate.Until - certificate.From, certificate.Until - now);
        return left <= TimeSpan.Zero ? 3 : left < Least(Late, life / 10) ? 2 : left < Least(Early, life / 5) ? 1 : 0;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Alert Ending(HeldCertificate certificate, CertificateState? state, int stage)
    {
        var names = string.Join(", ", certificate.Names);
        var subject = stage == 3
            ? string.Create(CultureInfo.InvariantCulture, $"The certificate of {names} has expired on {certificate.Until:yyyy-MM-dd}")
            : string.Create(CultureInfo.InvariantCulture, $"The certificate of {names} ends on {certificate.Until:yyyy-MM-dd HH:mm} UTC");
        var why = certificate.Origin != CertificateOrigin.Acme
            ? $"It is one of your own ({certificate.Path}), which the server does not renew.\n\nWhat to do: have it renewed and put the new files in the place of the old ones, or bring them in with 'sternpost certificate import'. They are noticed within seconds."
            : state is { Problem.Length: > 0 } ? $"Its renewal fails since {state.ProblemSince:u}: {state.Problem}.\n\nWhat to do: {state.Advice}\n\nIt is tried again by itself. When it is mended, at once: sternpost certificate renew {certificate.Name}"
            : "Its renewal did not happen, and no reason is known.\n\nWhat to do: sternpost certificate list tells the state; sternpost certificate renew tries at once.";
        return new Alert("certificate", subject, why + "\n\nAfter that day mail programs and other servers refuse this one.\n");
    }
}
