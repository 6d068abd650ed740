using Sternpost.Fuzz.Engine;

namespace Sternpost.Fuzz.Targets;

/// <summary>Every parser of sender authentication, transport security, reports, attachments, pictures and ManageSieve.</summary>
internal static class AllTargets
{
    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        .. DnsTargets.List,
        .. SpfTargets.List,
        .. SignatureTargets.List,
        .. ResultTargets.List,
        .. PolicyTargets.List,
        .. ReportTargets.List,
        .. FileTargets.List,
        .. CarriedTargets.List,
        .. ManageSieveTargets.List,
    ];
}
