using System.Net;
using Sternpost.Configuration;
using Sternpost.Network;

namespace Sternpost.Composition;

/// <summary>Every door of the configuration with the protocol behind it.</summary>
internal static class Doors
{
    private const string TooManySmtp = "421 4.7.0 Too many connections from your address; try again later\r\n";
    private const string TooManyImap = "* BYE Too many connections from your address; try again later\r\n";
    private const string TooManyManageSieve = "BYE (TRYLATER) \"Too many connections from your address; try again later\"\r\n";
    private const string TooManyPop3 = "-ERR [SYS/TEMP] Too many connections from your address; try again later\r\n";

    public static IEnumerable<ListenerDefinition> All(ServerConfiguration configuration, ServerParts parts)
    {
        var listeners = configuration.Listeners;
        yield return new ListenerDefinition("mx", listeners.Mx.EndPoints, TlsMode.Upgrade, parts.Smtp.ServeMxAsync) { TooManyReply = TooManySmtp, ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("submission", listeners.Submission.EndPoints, TlsMode.Upgrade, parts.Smtp.ServeSubmissionAsync) { TooManyReply = TooManySmtp, ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("submissions", listeners.Submissions.EndPoints, TlsMode.Implicit, parts.Smtp.ServeSubmissionAsync) { ProxyNetworks = configuration.Limits.ProxyFrom };
        if (configuration.Sites.Socket is { Length: > 0 } socket) yield return new ListenerDefinition("sendmail", [], TlsMode.Upgrade, parts.Smtp.ServeLocalAsync) { TooManyReply = TooManySmtp, SocketPath = socket };
        yield return new ListenerDefinition("imap", listeners.Imap.EndPoints, TlsMode.Upgrade, parts.Imap.ServeAsync) { TooManyReply = TooManyImap, ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("imaps", listeners.Imaps.EndPoints, TlsMode.Implicit, parts.Imap.ServeAsync) { ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("pop3", listeners.Pop3.EndPoints, TlsMode.Upgrade, parts.Pop3.ServeAsync) { TooManyReply = TooManyPop3, ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("pop3s", listeners.Pop3s.EndPoints, TlsMode.Implicit, parts.Pop3.ServeAsync) { ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("managesieve", listeners.ManageSieve.EndPoints, TlsMode.Upgrade, parts.ManageSieve.ServeAsync) { TooManyReply = TooManyManageSieve, ProxyNetworks = configuration.Limits.ProxyFrom };
        yield return new ListenerDefinition("milter", listeners.Milter.EndPoints, TlsMode.Upgrade, parts.Milter.ServeAsync) { IsCounted = false };
        yield return new ListenerDefinition("spamd", listeners.Spamd.EndPoints, TlsMode.Upgrade, parts.Spamd.ServeAsync) { IsCounted = false };
        yield return new ListenerDefinition("content_filter", listeners.ContentFilter.EndPoints, TlsMode.Upgrade, parts.Smtp.ServeContentFilterAsync) { IsCounted = false };
    }

    /// <summary>An MX door that believes PROXY protocol from this computer, for the demo's scene.</summary>
    public static ListenerDefinition Proxied(string name, ServerParts parts, IPEndPoint endPoint) =>
        new(name, [endPoint], TlsMode.Upgrade, parts.Smtp.ServeMxAsync) { ProxyNetworks = [IPNetwork.Parse("127.0.0.0/8")] };
}
