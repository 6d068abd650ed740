using System.Collections.Specialized;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Configuration;

namespace Sternpost.Administration;

/// <summary>What an administrator can do from the page; each is told and confirmed first.</summary>
internal sealed class AdministrationActions(ServerConfiguration configuration, ServerParts parts, TimeProvider time)
{
    private readonly IActionGroup[] groups = [new MessageActions(parts, time), new ContainmentActions(parts), new AccountActions(configuration, parts), new DomainActions(parts, time), new AliasActions(parts), new SiteActions(parts, time), new CertificateActions(configuration, parts)];

    public AdministrationAction? Find(string? name) => groups.SelectMany(group => group.Actions).FirstOrDefault(action => action.Name == name);

    public Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation) => GroupOf(action).DescribeAsync(action, id, cancellation);

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        if (await DescribeAsync(action, id, cancellation) is null) return new ActionOutcome("There is no such thing any more: somebody else may have done it meanwhile.");
        foreach (var field in action.Fields)
        {
            if (field.IsRequired && string.IsNullOrWhiteSpace(form[field.Name])) return new ActionOutcome($"Say this too: {field.Label}.");
            if (field.Choices.Count > 0 && !field.Choices.Contains(form[field.Name] ?? "")) return new ActionOutcome($"Choose one of the list: {field.Label}.");
        }
        try
        {
            return await GroupOf(action).RunAsync(action, id, form, by, cancellation);
        }
        catch (DirectoryException refused)
        {
            return new ActionOutcome(refused.Message);
        }
    }

    private IActionGroup GroupOf(AdministrationAction action) => groups.First(group => group.Actions.Contains(action));
}
