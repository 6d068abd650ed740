using Sternpost.Fuzz.Engine;

namespace Sternpost.Fuzz.Targets;

/// <summary>Every parser of sender authentication, transport security, reports, attachments and ManageSieve.</summary>
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
        .. ManageSieveTargets.List,
    ];
}
