namespace Sternpost.Jmap.Protocol;

/// <summary>The capabilities this server knows, by the URIs that requests name them with (RFC 8620 §9.4).</summary>
internal static class Capability
{
    internal const string Core = "urn:ietf:params:jmap:core";
    internal const string Mail = "urn:ietf:params:jmap:mail";
    internal const string Submission = "urn:ietf:params:jmap:submission";
    internal const string VacationResponse = "urn:ietf:params:jmap:vacationresponse";
    internal const string Blob = "urn:ietf:params:jmap:blob";
    internal const string Quota = "urn:ietf:params:jmap:quota";
    internal const string Contacts = "urn:ietf:params:jmap:contacts";
    internal const string Senders = "urn:x-sternpost:jmap:senders";
    internal const string Labels = "urn:x-sternpost:jmap:labels";
    internal const string WebPushVapid = "urn:ietf:params:jmap:webpush-vapid";
    internal const string WebSocket = "urn:ietf:params:jmap:websocket";

    /// <summary>All of them.</summary>
    internal static readonly IReadOnlyList<string> All = [Core, Mail, Submission, VacationResponse, Blob, Quota, Contacts, Senders, Labels, WebPushVapid, WebSocket];
}
