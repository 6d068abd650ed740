using System.Globalization;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>A function that rules call, with its arguments as written.</summary>
internal delegate bool EvalFunction(MessageScan scan, string[] arguments);

/// <summary>The functions there are, by the names rules call them.</summary>
internal static class EvalFunctions
{
    private static readonly Dictionary<string, EvalFunction> Known = new[]
    {
        HeaderFunctions.All, ForgeryFunctions.All, DateFunctions.All, RecipientFunctions.All, RelayFunctions.All, MimeFunctions.All, HtmlFunctions.All,
        BodyFunctions.All, FreeMailFunctions.All, ListFunctions.All, LinkFunctions.All, ImageFunctions.All,
    }.SelectMany(group => group).ToDictionary(entry => entry.Name, entry => entry.Function, StringComparer.Ordinal);

    // Of plugins whose answers come from elsewhere: DNS, other services, what was learned, or authentication judged by our own judges.
    private static readonly string[] Elsewhere =
    [
        "check_rbl", "check_dns", "check_uridnsbl", "check_for_spf_", "check_dkim_", "check_arc_", "check_for_def_dkim", "check_for_dkim_", "check_for_spf", "check_dmarc", "check_bayes",
        "check_razor2", "check_pyzor", "check_dcc", "check_hashbl", "check_asn", "check_from_in_auto", "check_senders_reputation", "check_access_database", "check_microsoft_executable",
        "check_language", "check_body_8bits", "check_short_url", "short_url", "check_shortcircuit", "check_for_def_spf", "check_for_spf_welcomelist", "check_adsp",
    ];

    /// <summary>The function of a name; null where there is none. Some differ where a <c>rawbody</c> rule calls them.</summary>
    internal static EvalFunction? Find(string name, bool ofMarkup)
    {
        // The names before 4.0.
        name = name.Replace("whitelist", "welcomelist", StringComparison.Ordinal).Replace("blacklist", "blocklist", StringComparison.Ordinal);
        return (ofMarkup ? Known.GetValueOrDefault(name + ":markup") : null) ?? Known.GetValueOrDefault(name);
    }

    /// <summary>True where the answer would come from elsewhere.</summary>
    internal static bool AsksNetwork(string name) => Elsewhere.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>An argument, empty where it was not given.</summary>
    internal static string At(this string[] arguments, int index) => index < arguments.Length ? arguments[index] : "";

    /// <summary>A number among the arguments; null where there is none ("undef").</summary>
    internal static double? NumberAt(this string[] arguments, int index) =>
        double.TryParse(arguments.At(index), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
