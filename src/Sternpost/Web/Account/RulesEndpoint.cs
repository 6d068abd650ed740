using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Forwarding;
using Sternpost.Accounts.Scripts;
using Sternpost.Messages.Addresses;
using Sternpost.Sieve;

namespace Sternpost.Web.Account;

/// <summary>Rules of sorting as a form: GET says them, POST stores them as a Sieve script and makes it the active one. Where another script sorts the mail, that is told first.</summary>
internal sealed partial class RulesEndpoint(ScriptStore scripts, ForwardingBook forwards, ILogger logger)
{
    private static readonly ScriptName Name = ScriptName.TryParse("webmail rules", out var name, out _) ? name : throw new InvalidOperationException();

    public async Task AnswerAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        var active = (await scripts.ListAsync(account.Id, context.RequestAborted)).FirstOrDefault(script => script.IsActive)?.Name;
        var other = active is null || active == Name ? null : active.Value;
        if (body is null)
        {
            var content = await scripts.ReadAsync(account.Id, Name, context.RequestAborted);
            var known = content is { } stored ? RuleScript.Read(stored.Span) : [];
            var addresses = await ConfirmedAsync(account, context.RequestAborted);
            await AccountPages.JsonAsync(context, new { rules = known ?? [], changedByHand = known is null, isActive = active == Name, other, addresses = addresses.Select(address => address.ToString()) });
            return;
        }
        if (Rules(body) is not { } rules)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.BadRequest, "These are no rules.");
            return;
        }
        var script = RuleScript.Write(rules);
        // What goes elsewhere goes to whom has said yes.
        var confirmed = rules.Exists(rule => rule.Action == "forward") ? await ConfirmedAsync(account, context.RequestAborted) : [];
        var problem = rules.Count > RuleScript.MostRules ? $"There can be {RuleScript.MostRules} rules." : rules.Select(RuleScript.Problem).OfType<string>().FirstOrDefault()
            ?? (rules.Find(rule => rule.Action == "forward" && !(EmailAddress.TryParse(rule.Target, out var target) && confirmed.Contains(target))) is { } stranger ? $"Mail may not be sent on to {stranger.Target} yet. Add the address under Forwarding first; its reader is asked." : null)
            ?? (other is not null && body["instead"]?.GetValueKind() != JsonValueKind.True ? $"Another script, “{other}”, sorts your mail now; a mail program has put it there. Say that the rules shall take its place." : null)
            ?? (ScriptCompiler.Compile(script).Script is null ? "These rules cannot be made into a script." : null);
        if (problem is null && await scripts.PutAsync(account.Id, Name, script, context.RequestAborted) is not StoreOutcome.Done) problem = "There is no room for another script. Remove one in the mail program that made it.";
        if (problem is null && await scripts.ActivateAsync(account.Id, Name, context.RequestAborted) is not StoreOutcome.Done) problem = "The rules were removed meanwhile. Save them again.";
        if (problem is not null)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, problem);
            return;
        }
        LogChanged(account.Address.ToString(), rules.Count);
        await AccountPages.JsonAsync(context, new { });
    }

    /// <summary>Whether a rule of the form sends mail on to an address.</summary>
    public async ValueTask<bool> SendsToAsync(Accounts.Account account, EmailAddress address, CancellationToken cancellation) =>
        await scripts.ReadAsync(account.Id, Name, cancellation) is { } script && RuleScript.Read(script.Span)?.Any(rule => EmailAddress.TryParse(rule.Target, out var target) && target == address) == true;

    private async ValueTask<List<EmailAddress>> ConfirmedAsync(Accounts.Account account, CancellationToken cancellation) =>
        [.. (await forwards.StateAsync(account.Id, cancellation)).Addresses.Where(address => address.Confirmed is not null).Select(address => address.Address)];

    private static List<MailRule>? Rules(JsonObject body)
    {
        try
        {
            return body["rules"] is JsonArray list && list.Deserialize<List<MailRule>>(JsonSerializerOptions.Web) is { } rules
                && rules.TrueForAll(rule => rule is { Field: not null, Text: not null, Action: not null, Folder: not null }) ? rules : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(1077, LogLevel.Information, "{Account} changed its rules of sorting in the webmail; there are {Count}")]
    private partial void LogChanged(string account, int count);
}
