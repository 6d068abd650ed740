using System.CommandLine;
using Sternpost.Accounts.Sites;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary>What can be said of a site when it is added and later.</summary>
internal sealed class SiteOptions
{
    private readonly Option<string?> user = new("--user") { Description = "The user that its programs on this computer run as, by name or number; without it none of them is the site's.", HelpName = "USER" };
    private readonly Option<string?> folder = new("--folder") { Description = "The folder its programs lie in, a full path; tells sites of one user apart, as far as they are honest.", HelpName = "DIR" };
    private readonly Option<string[]> also = new("--also") { Description = "Another address it may send as, or @example.com for all of a domain; may be given several times, and replaces those it had.", HelpName = "ADDRESS" };
    private readonly Option<EmailAddress?> replies = new("--replies-to") { Description = "Where mail for its address goes, bounces too. [default: the administrators]", HelpName = "ADDRESS", CustomParser = Inputs.ParseAddress };
    private readonly Option<NewScripts?> scripts = new("--new-scripts") { Description = "What happens to mail of a script never seen before: allow, limit (20 outside recipients an hour for a day) or hold (it waits for 'site allow').", HelpName = "POLICY" };
    private readonly Option<int?> blind = new("--blind-copies") { Description = "Outside recipients of one message that stand neither in To nor in Cc. [default: 0, because header injection adds such]", HelpName = "N" };
    private readonly Option<int?> hour = new("--per-hour") { Description = "Outside recipients in an hour; 0 for no limit but that of accounts. [default: 100]", HelpName = "N" };
    private readonly Option<int?> day = new("--per-day") { Description = "Outside recipients in a day, likewise. [default: 500]", HelpName = "N" };

    public void AddTo(Command command)
    {
        foreach (var number in new[] { blind, hour, day })
        {
            number.Validators.Add(result =>
            {
                if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value < 0) result.AddError($"'{value}' is less than nothing.");
            });
        }
        foreach (var option in new Option[] { user, folder, also, replies, scripts, blind, hour, day }) command.Options.Add(option);
    }

    /// <summary>The site with what this command line says.</summary>
    public Site Over(ParseResult result, Site site) => site with
    {
        UserName = result.GetValue(user) ?? site.UserName,
        Folder = result.GetValue(folder)?.TrimEnd('/') ?? site.Folder,
        Addresses = result.GetResult(also) is null ? site.Addresses : result.GetValue(also) ?? [],
        RepliesTo = result.GetValue(replies) ?? site.RepliesTo,
        NewScripts = result.GetValue(scripts) ?? site.NewScripts,
        BlindCopies = result.GetValue(blind) ?? site.BlindCopies,
        PerHour = result.GetValue(hour) ?? site.PerHour,
        PerDay = result.GetValue(day) ?? site.PerDay,
    };
}
