using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sternpost.Abuse.Limits;
using Sternpost.Behind;
using Sternpost.Dns;
using Sternpost.Filter.Judges.Composites;
using Sternpost.Filter.Judges.LocalLists;
using Sternpost.Fronts.Consulted;
using Sternpost.Malware.Scanning;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.Routing;
using Sternpost.Smtp.Client;

namespace Sternpost.Configuration;

/// <summary>Reads one value; answers null, or why it cannot be.</summary>
internal delegate string? ValueReader<T>(object value, out T result);

/// <summary>A kind of value: how it is described in the reference, and how it is read.</summary>
internal sealed record ValueKind<T>(string Description, ValueReader<T> Read);

/// <summary>The kinds of values a configuration knows.</summary>
internal static class ValueKinds
{
    public static ValueKind<string> Text { get; } = new("text", (object value, out string result) =>
    {
        result = value as string ?? "";
        return value is string ? null : $"a text in quotes is needed, not {Show(value)}.";
    });

    public static ValueKind<DomainName?> HostName { get; } = new("host name", (object value, out DomainName? result) =>
        DomainName.TryParse(value as string, out result) ? null : $"{Show(value)} is not a host name such as \"mail.example.com\".");

    public static ValueKind<bool> Toggle { get; } = new("true or false", (object value, out bool result) =>
    {
        result = value is true;
        return value is bool ? null : $"true or false is needed, not {Show(value)}.";
    });

    public static ValueKind<double> Number { get; } = new("number", (object value, out double result) =>
    {
        result = value is double real ? real : value is long whole ? whole : 0;
        return value is double or long ? null : $"a number is needed, not {Show(value)}.";
    });

    /// <summary>An ASCII text such as 90s, 5m, 4h, 2d.</summary>
    public static ValueKind<TimeSpan> Duration { get; } = new("duration", (object value, out TimeSpan result) =>
        TryDuration(value as string, out result) ? null : $"{Show(value)} is not a duration. Write a number and s, m, h or d, such as \"90s\" or \"5m\".");

    public static ValueKind<IReadOnlyList<TimeSpan>> Durations { get; } = ListOf(Duration, "list of durations");

    /// <summary>Octets; kB, MB and GB count in thousands, KiB, MiB and GiB in 1024s.</summary>
    public static ValueKind<long> Size { get; } = new("size", (object value, out long result) =>
        TrySize(value, out result) ? null : $"{Show(value)} is not a size. Write a number and B, kB, MB or GB, such as \"50MB\".");

    public static ValueKind<IPAddress> Address { get; } = new("IP address", (object value, out IPAddress result) =>
    {
        var text = (value as string ?? "").Trim('[', ']');
        var known = IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(c => c == '.') == 3);
        result = address ?? IPAddress.None;
        return known ? null : $"{Show(value)} is not an IP address such as \"203.0.113.5\" or \"2001:db8::5\".";
    });

    public static ValueKind<IReadOnlyList<IPAddress>> Addresses { get; } = ListOf(Address, "list of IP addresses");

    public static ValueKind<string> LocalPart { get; } = new("local-part of an address", (object value, out string result) =>
    {
        result = value as string ?? "";
        return EmailAddress.TryParse(result + "@example.com", out var address) && !address.NeedsSmtpUtf8 ? null : $"{Show(value)} is not the part of an address before the at sign.";
    });

    public static ValueKind<IReadOnlyList<string>> Texts { get; } = ListOf(Text, "list of texts");

    public static ValueKind<IPNetwork> Network { get; } = new("network", (object value, out IPNetwork result) =>
        TryNetwork(value as string, out result) ? null : $"{Show(value)} is not a network such as \"192.0.2.0/24\" or \"2001:db8::/32\" (no bits set behind the prefix).");

    public static ValueKind<IReadOnlyList<IPNetwork>> Networks { get; } = ListOf(Network, "list of networks");

    public static ValueKind<IPEndPoint> Resolver { get; } = new("resolver", (object value, out IPEndPoint result) =>
    {
        var known = IPEndPoint.TryParse(value as string ?? "", out var found);
        result = found is null ? new IPEndPoint(IPAddress.None, 0) : new IPEndPoint(found.Address, found.Port == 0 ? 53 : found.Port);
        return known ? null : $"{Show(value)} is not a resolver's address such as \"127.0.0.1\" or \"[::1]:5353\".";
    });

    public static ValueKind<IReadOnlyList<ConsultedFilter>> Consulted { get; } = ListOf(new ValueKind<ConsultedFilter>("filter", (object value, out ConsultedFilter result) =>
    {
        var known = ConsultedFilter.TryParse(value as string, out var filter);
        result = filter!;
        return known ? null : $"{Show(value)} is not a filter and its weight such as \"spamd:127.0.0.1:783 2.0\" or \"milter:/run/x/milter.sock 1.5\".";
    }), "list of filters with weights");

    public static ValueKind<IReadOnlyList<(DomainName Domain, StaticRoute Route)>> GatewayRoutes { get; } = ListOf(new ValueKind<(DomainName, StaticRoute)>("domain, server and TLS", (object value, out (DomainName, StaticRoute) result) =>
        TryGatewayRoute(value as string, out result) ? null : $"{Show(value)} is not a domain, its server and TLS such as \"example.com 192.0.2.25:25 verified\"."), "list of domains with servers");

    public static ValueKind<IReadOnlyList<(DomainName Domain, JunkServer Server)>> JunkServers { get; } = ListOf(new ValueKind<(DomainName, JunkServer)>("domain, IMAP server and TLS", (object value, out (DomainName, JunkServer) result) =>
    {
        result = default;
        var words = (value as string ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var starts = words is [_, _, "starttls"];
        if (words is [var domain, var server, ..] && (words.Length == 2 || starts || words is [_, _, "tls"]) && DomainName.TryParse(domain, out var name) && TryServer(server, starts ? 143 : 993, out var host, out var port))
        {
            result = (name, new JunkServer(host, port, starts));
            return null;
        }
        return $"{Show(value)} is not a domain, its IMAP server and tls or starttls such as \"example.com imap.example.com:993 tls\".";
    }), "list of domains with IMAP servers");

    public static ValueKind<IReadOnlyList<LdapServer>> LdapServers { get; } = ListOf(new ValueKind<LdapServer>("directory server", (object value, out LdapServer result) =>
    {
        result = null!;
        if (value is string text && text.Split("://") is ["ldap" or "ldaps", var rest] && TryServer(rest.TrimEnd('/'), text.StartsWith("ldaps:", StringComparison.Ordinal) ? 636 : 389, out var host, out var port))
        {
            result = new LdapServer(host, port, text.StartsWith("ldaps:", StringComparison.Ordinal));
            return null;
        }
        return $"{Show(value)} is not a directory server such as \"ldaps://dc1.example.com\" or \"ldap://192.0.2.10:389\".";
    }), "list of directory servers");

    public static ValueKind<LdapFilter> LdapFilter { get; } = new("search filter", (object value, out LdapFilter result) =>
    {
        var filter = Queue.Gateway.Ldap.LdapFilter.Parse(value as string ?? "");
        result = filter!;
        return filter is not null ? null : $"{Show(value)} is not a search filter with a place for the recipient such as \"(mail={{address}})\".";
    });

    private static bool TryGatewayRoute(string? text, out (DomainName, StaticRoute) result)
    {
        result = default;
        var words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (2 or 3) || !DomainName.TryParse(words[0], out var domain)) return false;
        OutboundTls? tls = words.Length == 2 ? OutboundTls.Opportunistic : words[2] switch { "opportunistic" => OutboundTls.Opportunistic, "required" => OutboundTls.Required, "verified" => OutboundTls.Verified, "none" => OutboundTls.None, _ => null };
        if (tls is null) return false;
        if (!TryServer(words[1], 25, out var host, out var port)) return false;
        result = (domain, new StaticRoute(host, port, tls.Value));
        return true;
    }

    // A name or an address, and a port where it is another than the usual one.
    private static bool TryServer(string text, int usualPort, out string host, out int port)
    {
        port = usualPort;
        if (IPEndPoint.TryParse(text, out var endPoint))
        {
            host = endPoint.Address.ToString();
            if (endPoint.Port != 0) port = endPoint.Port;
            return true;
        }
        var colon = text.LastIndexOf(':');
        host = colon < 0 ? text : text[..colon];
        return DomainName.TryParse(host, out _) && (colon < 0 || (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535));
    }

    public static ValueKind<IReadOnlyList<ScannerAddress>> Scanners { get; } = ListOf(new ValueKind<ScannerAddress>("scanner", (object value, out ScannerAddress result) =>
    {
        var known = ScannerAddress.TryParse(value as string, out var address);
        result = address!;
        return known ? null : $"{Show(value)} is not a scanner such as \"clamd:/run/clamav/clamd.ctl\", \"clamd:127.0.0.1:3310\" or \"icap://127.0.0.1:1344/avscan\".";
    }), "list of scanners");

    /// <summary>An address, and a port that is 10025 where none is given.</summary>
    public static ValueKind<IPEndPoint> NextHop { get; } = new("address and port", (object value, out IPEndPoint result) =>
    {
        var known = IPEndPoint.TryParse(value as string ?? "", out var found);
        result = found is null ? new IPEndPoint(IPAddress.None, 0) : new IPEndPoint(found.Address, found.Port == 0 ? 10025 : found.Port);
        return known ? null : $"{Show(value)} is not an address and port such as \"127.0.0.1:10025\" or \"[::1]:10025\".";
    });

    public static ValueKind<IReadOnlyList<IPEndPoint>> Resolvers { get; } = ListOf(Resolver, "list of IP addresses");

    public static ValueKind<IReadOnlyList<DomainName>> DomainNames { get; } = ListOf(new ValueKind<DomainName>("domain name", (object value, out DomainName result) =>
    {
        var known = DomainName.TryParse(value as string, out var name);
        result = name!;
        return known ? null : $"{Show(value)} is not a domain name.";
    }), "list of domain names");

    /// <summary>Names and addresses that a certificate may be for.</summary>
    public static ValueKind<IReadOnlyList<string>> HostNames { get; } = ListOf(new ValueKind<string>("host name or IP address", (object value, out string result) =>
    {
        result = "";
        if (value is string text && IPAddress.TryParse(text, out var address) && text.Contains(address.AddressFamily == AddressFamily.InterNetwork ? '.' : ':')) result = address.ToString();
        else if (DomainName.TryParse(value as string, out var name) && name.Parent is not null) result = name.Ascii;
        return result.Length > 0 ? null : $"{Show(value)} is neither a full host name nor an address.";
    }), "list of host names or IP addresses");

    public static ValueKind<IReadOnlyList<string>> Challenges { get; } = ListOf(Choice("http-01", "tls-alpn-01", "dns-01"), "list of http-01, tls-alpn-01, dns-01");

    public static ValueKind<Uri> HttpsAddress { get; } = new("https address", (object value, out Uri result) =>
    {
        var known = Uri.TryCreate(value as string, UriKind.Absolute, out var address) && address is { Scheme: "https", UserInfo: "" };
        result = address!;
        return known ? null : $"{Show(value)} is not an address such as \"https://acme-v02.api.letsencrypt.org/directory\".";
    });

    public static ValueKind<IReadOnlyList<EmailAddress>> MailAddresses { get; } = ListOf(new ValueKind<EmailAddress>("address", (object value, out EmailAddress result) =>
    {
        var known = EmailAddress.TryParse(value as string, out var address);
        result = address!;
        return known ? null : $"{Show(value)} is not an address such as \"someone@example.com\".";
    }), "list of addresses");

    /// <summary>Symbols and numbers, as in SPF_FAIL=2.0.</summary>
    public static ValueKind<IReadOnlyList<(string Symbol, double Weight)>> Weights { get; } = ListOf(new ValueKind<(string, double)>("symbol and weight", (object value, out (string, double) result) =>
        TryWeight(value as string, out result) ? null : $"{Show(value)} is not a symbol and its weight such as \"SPF_FAIL=2.0\"."), "list of SYMBOL=NUMBER");

    public static ValueKind<LocalList> LocalList { get; } = new("list of networks, domains and addresses", (object value, out LocalList result) =>
    {
        result = new LocalList();
        if (value is not List<object> items) return $"a list in brackets is needed, such as [{Show(value)}].";
        foreach (var item in items)
        {
            if (item is not string entry || !result.TryAdd(entry)) return $"{Show(item)} is neither a network such as \"192.0.2.0/24\", nor a domain, nor an address.";
        }
        return null;
    });

    public static ValueKind<IReadOnlyList<Composite>> Composites { get; } = ListOf(new ValueKind<Composite>("composite", (object value, out Composite result) =>
    {
        var problem = "a text in quotes is needed";
        result = value is string line ? Composite.Parse(line, out problem)! : null!;
        return result is null ? $"{Show(value)} is no composite: {problem}." : null;
    }), "list of composites");

    /// <summary>Where alerts are posted to. In clear only on this computer: an alert names people.</summary>
    public static ValueKind<Uri?> AlertAddress { get; } = new("web address", (object value, out Uri? result) =>
    {
        result = null;
        if (value is "") return null;
        if (value is not string text || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.UserInfo.Length > 0
            || !(address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))) return $"{Show(value)} is not an address such as \"https://example.com/hook\" (http only on this computer, and no password in it).";
        result = address;
        return null;
    });

    /// <summary>udp://host:514 or the path of a socket.</summary>
    public static ValueKind<string> SyslogTarget { get; } = new("syslog receiver", (object value, out string result) =>
    {
        result = "";
        if (value is "") return null;
        if (value is string text)
        {
            if (text.StartsWith('/')) result = text;
            else if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "udp", Host.Length: > 0, Port: > 0 }) result = $"{address.Host}:{address.Port}";
        }
        return result.Length > 0 ? null : $"{Show(value)} is neither a socket such as \"/dev/log\" nor a receiver such as \"udp://192.0.2.1:514\".";
    });

    /// <summary>Lines such as "account external-per-hour soft 100 hard 200".</summary>
    public static ValueKind<IReadOnlyList<LimitRule>> LimitRules { get; } = ListOf(new ValueKind<LimitRule>("limit", (object value, out LimitRule result) =>
    {
        var problem = "a text in quotes is needed";
        result = value is string line ? LimitRule.Parse(line, out problem)! : null!;
        return result is null ? $"{Show(value)} is no limit: {problem}." : null;
    }), "list of limits");

    public static ValueKind<Secret?> SecretFile { get; } = new("path", (object value, out Secret? result) =>
    {
        result = value is string { Length: > 0 } path ? Secret.InFile(path) : null;
        return result is null ? "a path in quotes is needed." : null;
    });

    // Never shows the value: somebody may have written the password itself.
    public static ValueKind<Secret?> SecretVariable { get; } = new("env:NAME", (object value, out Secret? result) =>
    {
        result = value is string text ? Secret.InEnvironment(text) : null;
        return result is null ? "a password must not stand in this file. Write \"env:NAME\" to take it from the environment, or use the key that ends in _file." : null;
    });

    /// <summary>A host, or host:port.</summary>
    public static ValueKind<StaticRoute?> Relay { get; } = new("host or host:port", (object value, out StaticRoute? result) =>
        TryTarget(value as string, out result) && !result.ByMx ? null : $"{Show(value)} is not a host such as \"relay.example.net\" or \"relay.example.net:587\".");

    /// <summary>Domains and where their mail goes.</summary>
    public static ValueKind<IReadOnlyDictionary<DomainName, StaticRoute>> Routes { get; } = new("list of DOMAIN=TARGET,TARGET", (object value, out IReadOnlyDictionary<DomainName, StaticRoute> result) =>
    {
        var read = new Dictionary<DomainName, StaticRoute>();
        result = read;
        if (value is not List<object> items) return $"a list in brackets is needed, such as [{Show(value)}].";
        foreach (var item in items)
        {
            if (item is not string line || line.Split('=', 2) is not [var name, var targets] || !DomainName.TryParse(name.Trim(), out var domain) || Chain(targets) is not { } route)
                return $"{Show(item)} is no route. Write the domain and where its mail goes, such as \"example.net=relay.example.net:587,mx\".";
            read[domain] = route;
        }
        return null;
    });

    private static StaticRoute? Chain(string targets)
    {
        StaticRoute? next = null;
        foreach (var target in targets.Split(',', StringSplitOptions.TrimEntries).Reverse())
        {
            if (!TryTarget(target, out var route)) return null;
            next = route with { Fallback = next };
        }
        return next;
    }

    private static bool TryTarget(string? text, [NotNullWhen(true)] out StaticRoute? route)
    {
        route = null;
        if (string.IsNullOrEmpty(text)) return false;
        if (text == "mx")
        {
            route = new StaticRoute("mx") { ByMx = true };
            return true;
        }
        const int Smtp = 25, ImplicitTls = 465;
        var (host, port) = (text, Smtp);
        if (IPEndPoint.TryParse(text, out var end)) (host, port) = (end.Address.ToString(), end.Port == 0 ? Smtp : end.Port);
        else if (text.LastIndexOf(':') is > 0 and var colon)
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535) return false;
        }
        if (end is null && !DomainName.TryParse(host, out _)) return false;
        route = new StaticRoute(host, port, port == ImplicitTls ? OutboundTls.Implicit : OutboundTls.Opportunistic);
        return true;
    }

    public static ValueKind<int> Count(int least, int most) => new($"whole number, {least} to {most}", (object value, out int result) =>
    {
        result = value is long number && number >= least && number <= most ? (int)number : least;
        return value is long given && given == result ? null : $"a whole number from {least} to {most} is needed, not {Show(value)}.";
    });

    public static ValueKind<string> Choice(params string[] words) => new(string.Join(", ", words), (object value, out string result) =>
    {
        result = value as string ?? "";
        if (words.Contains(result, StringComparer.Ordinal)) return null;
        var nearest = NearestName.Of(result, words);
        return $"{Show(value)} is not one of {string.Join(", ", words)}." + (nearest is null ? "" : $" Did you mean \"{nearest}\"?");
    });

    private static ValueKind<IReadOnlyList<T>> ListOf<T>(ValueKind<T> kind, string description) => new(description, (object value, out IReadOnlyList<T> result) =>
    {
        var read = new List<T>();
        result = read;
        if (value is not List<object> items) return $"a list in brackets is needed, such as [{Show(value)}].";
        foreach (var item in items)
        {
            if (kind.Read(item, out var element) is { } reason) return reason;
            read.Add(element);
        }
        return null;
    });

    internal static bool TryWeight(string? text, out (string Symbol, double Weight) result)
    {
        result = default;
        var equals = text?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        if (equals < 1 || !double.TryParse(text.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || Math.Abs(weight) > 1000) return false;
        var symbol = text![..equals].Trim();
        if (!symbol.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')) return false;
        result = (symbol, weight);
        return true;
    }

    private static bool TryDuration(string? text, out TimeSpan result)
    {
        result = default;
        if (text is not { Length: > 1 } || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var seconds = text[^1] switch { 's' => 1L, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        result = TimeSpan.FromSeconds(Math.Min(number * seconds, TimeSpan.SecondsPerDay * 36500L));
        return seconds > 0;
    }

    private static bool TrySize(object value, out long result)
    {
        result = value is long octets && octets >= 0 ? octets : 0;
        if (value is long) return result == (long)value;
        if (value is not string text) return false;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (digits is 0 or > 12 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var unit = text[digits..].Trim() switch
        {
            "B" or "" => 1L,
            "kB" or "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            _ => 0,
        };
        if (unit == 0 || number > long.MaxValue / unit) return false;
        result = number * unit;
        return true;
    }

    private static bool TryNetwork(string? text, out IPNetwork result)
    {
        result = default;
        if (text is null) return false;
        // .NET clears bits behind the prefix without a word; for an administrator they are a slip worth telling.
        if (IPNetwork.TryParse(text, out result)) return IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out var written) && written.Equals(result.BaseAddress);
        if (text.Contains('/') || !IPAddress.TryParse(text, out var single)) return false;
        result = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        return true;
    }

    private static string Show(object value) => value switch
    {
        string text => "\"" + text + "\"",
        bool toggle => toggle ? "true" : "false",
        List<object> list => list.Count == 1 ? $"[{Show(list[0])}]" : "a list",
        double real => real.ToString(CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
