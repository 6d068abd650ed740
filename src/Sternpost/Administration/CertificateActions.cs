using System.Collections.Specialized;
using Sternpost.Accounts;
using Sternpost.Certificates;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;

namespace Sternpost.Administration;

/// <summary>Having a certificate ordered now.</summary>
internal sealed class CertificateActions(ServerConfiguration configuration, ServerParts parts) : IActionGroup
{
    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("certificate-renew", "Order a certificate anew", "Order it now", "The server asks the authority for it within seconds; the one that is shown stays until the new one is there. Renewal comes by itself, so this is for after something was mended. Authorities allow few orders of the same names in a week.", "It is being ordered. Look at this page again in a minute: what came of it is said there.")
        {
            Back = AdministrationPage.Path + "/certificates",
        },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (!configuration.Acme.AcceptTerms || (id != CertificateShelf.HostName && (!DomainName.TryParse(id, out var domain) || !await parts.Directory.IsLocalAsync(domain, cancellation)))) return null;
        var state = await new CertificateBook(parts.Database).FindAsync(id, cancellation);
        return (id == CertificateShelf.HostName ? configuration.Server.Hostname.Unicode : id, state.Problem.Length == 0 ? "" : $"{state.Problem}\n{state.Advice}");
    }

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        await new CertificateBook(parts.Database).AskAsync(id, cancellation);
        return ActionOutcome.Done;
    }
}
