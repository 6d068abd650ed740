using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>What reading a Received field came to.</summary>
internal enum ReceivedOutcome
{
    /// <summary>A hand-over between machines.</summary>
    Relay,
    /// <summary>A hand-over within a machine.</summary>
    Ignored,
    /// <summary>The field of a program that fetches mail: what was above it does not count.</summary>
    Fetcher,
    /// <summary>In a form that nobody knows.</summary>
    Unknown,
}

/// <summary>Reads one Received field.</summary>
internal static partial class ReceivedField
{
    /// <summary>Reads; <paramref name="scannerSender"/> is the sender a qmail-scanner field names for the field below it.</summary>
    internal static (ReceivedOutcome Outcome, Relay? Relay) Read(string field, out string? scannerSender)
    {
        scannerSender = null;
        var line = Blanks().Replace(field, " ").Trim(' ');
        line = Semicolons().Replace(line, "");
        if (!Begin().IsMatch(line) || WithLocalFor().IsMatch(line)) return (ReceivedOutcome.Ignored, null);
        if (NoClient().Match(line) is { Success: true } bare && !BracketedAddress().IsMatch(bare.Groups[1].Value)) return (ReceivedOutcome.Ignored, null);
        line = Date().Replace(line, "").Replace(")by ", ") by ", StringComparison.Ordinal);
        var relay = new Relay
        {
            Id = Group(Id(), line),
            Helo = Helo().Match(line) is { Success: true } helo ? helo.Groups[1].Value : Group(HeloWord(), line),
            By = Group(By(), line),
            Authentication = Authentication(line),
        };
        if (line.StartsWith("from ", StringComparison.Ordinal)) return ReadFrom(line["from ".Length..], relay, out scannerSender);
        if (line.StartsWith("FROM ", StringComparison.Ordinal) && Upper().Match(line["FROM ".Length..]) is { Success: true } upper)
        {
            var name = upper.Groups["rdns"].Value == "unverified" ? "" : upper.Groups["rdns"].Value;
            return Finish(relay with { Helo = upper.Groups["helo"].Value, ReverseName = name, Address = upper.Groups["ip"].Value, By = upper.Groups["by"].Value, Id = upper.Groups["id"].Value }, true);
        }
        if (line.StartsWith("(from ", StringComparison.Ordinal))
        {
            var rest = line["(from ".Length..];
            if (Navgw().Match(rest) is { Success: true } navgw) return Finish(relay with { Helo = navgw.Groups["helo"].Value, Address = navgw.Groups["ip"].Value, By = navgw.Groups["by"].Value }, false);
            if (LocalUser().IsMatch(rest)) return (ReceivedOutcome.Ignored, null);
        }
        return Rest(line, relay);
    }

    private static string Group(Regex regex, string line) => regex.Match(line) is { Success: true } match ? match.Groups[1].Value : "";

    private static (ReceivedOutcome, Relay?) ReadFrom(string line, Relay relay, out string? scannerSender)
    {
        scannerSender = null;
        if (EnvelopeSender().Match(line) is { Success: true } sender) relay = relay with { EnvelopeFrom = sender.Groups[1].Value };
        if (Webmail().Match(line) is { Success: true } webmail && HostNames.IsAddress(webmail.Groups["ip"].Value)) return Finish(relay with { Address = webmail.Groups["ip"].Value, By = webmail.Groups["by"].Value }, false);
        foreach (var (guard, shapes) in ReceivedShapes.Guarded)
        {
            if (!guard.IsMatch(line)) continue;
            foreach (var shape in shapes)
            {
                if (Try(shape, line, relay, ref scannerSender) is { } taken) return taken;
            }
            break;
        }
        foreach (var shape in ReceivedShapes.OpenThatMayMatch(line))
        {
            if (Try(shape, line, relay, ref scannerSender) is { } taken) return taken;
        }
        if (relay.Helo.Length == 0 && FirstWord().Match(line) is { Success: true } word) relay = relay with { Helo = word.Groups[1].Value };
        return Rest(line, relay);
    }

    private static (ReceivedOutcome, Relay?)? Try(ReceivedShape shape, string line, Relay relay, ref string? scannerSender)
    {
        Match match;
        try
        {
            match = shape.Regex.Match(line);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
        if (!match.Success) return null;
        var groups = match.Groups;
        if (shape.Ignored)
        {
            if (groups["scanner"].Success) scannerSender = CleanSender(relay.EnvelopeFrom);
            return (groups["fetcher"].Success ? ReceivedOutcome.Fetcher : ReceivedOutcome.Ignored, null);
        }
        if (groups["ip"].Success ? !HostNames.IsAddress(WithoutPrefix(groups["ip"].Value)) : !groups["maybe"].Success) return null;
        var (lookedUp, name) = (shape.LookedUp, groups["rdns"].Value);
        if (groups["qmail"].Success) (lookedUp, name) = name == "unknown" ? (false, "") : (true, name);
        else if (lookedUp && name is "unknown" or "UNKNOWN") name = "";
        relay = relay with
        {
            Address = groups["ip"].Value,
            ReverseName = name,
            By = groups["by"].Success ? groups["by"].Value : relay.By,
            Helo = groups["helo"].Success ? groups["helo"].Value : groups["helorwise"].Success ? groups["rdns"].Value : relay.Helo,
            Ident = groups["ident"].Value,
            Id = groups["noid"].Success ? "" : groups["id"].Success ? groups["id"].Value : relay.Id,
            EnvelopeFrom = groups["from"].Success ? groups["from"].Value : relay.EnvelopeFrom,
        };
        if (groups["sub"].Success) relay = WithList(relay, groups["sub"].Value);
        if (groups["identified"].Success) relay = WithoutIdent(relay);
        if (line.StartsWith("X-Originating-IP:", StringComparison.Ordinal)) relay = relay with { By = "" };
        return Finish(relay, lookedUp);
    }

    private static Relay WithList(Relay relay, string list)
    {
        if (HeloInList().Match(list) is { Success: true } helo) relay = relay with { Helo = helo.Groups[1].Value };
        return IdentInList().Match(list) is { Success: true } ident ? relay with { Ident = ident.Groups[1].Value } : relay;
    }

    // "(IDENT:user@host [address])".
    private static Relay WithoutIdent(Relay relay)
    {
        var name = relay.ReverseName;
        var sign = name.IndexOf('@', StringComparison.Ordinal);
        if (sign < 0) return relay;
        var ident = name[..sign];
        return relay with { Ident = ident.StartsWith("IDENT:", StringComparison.Ordinal) ? ident["IDENT:".Length..] : ident, ReverseName = name[(sign + 1)..] };
    }

    private static (ReceivedOutcome, Relay?) Rest(string line, Relay relay)
    {
        foreach (Match match in AnyBracketed().Matches(line))
        {
            if (HostNames.IsAddress(WithoutPrefix(match.Groups[1].Value)) && relay.By.Length > 0) return Finish(relay with { Address = match.Groups[1].Value }, false);
        }
        return (ReceivedOutcome.Unknown, null);
    }

    private static string WithoutPrefix(string address) => address.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? address["IPv6:".Length..] : address;

    private static (ReceivedOutcome, Relay?) Finish(Relay relay, bool lookedUp)
    {
        var name = relay.ReverseName.TrimEnd('.');
        if (name.Equals("unknown", StringComparison.OrdinalIgnoreCase) || name.StartsWith('[')) name = "";
        var address = WithoutPrefix(relay.Address);
        address = Mapped().Replace(address, "$1");
        return (ReceivedOutcome.Relay, relay with
        {
            Address = Strip(address),
            ReverseName = Strip(name),
            Helo = Strip(relay.Helo),
            By = Strip(relay.By.TrimEnd(';')),
            Ident = Strip(relay.Ident),
            EnvelopeFrom = CleanSender(relay.EnvelopeFrom),
            HasNoReverseName = name.Length == 0 && lookedUp,
            IsPrivate = HostNames.IsPrivate(address),
        });
    }

    private static string? CleanSender(string? sender) => sender is null ? null : Strip(sender.TrimStart(' ', '<').TrimEnd(' ', '>'));

    // What would let a sender forge the pseudo fields.
    private static string Strip(string text) => Forging().Replace(text, "!");

    private static string Authentication(string line)
    {
        if (line.Contains(" by ", StringComparison.Ordinal) && WithAuthenticated().Match(line) is { Success: true } with) return with.Groups[1].Value;
        if (GoogleSubmission().IsMatch(line) && TlsParameters().Match(line) is { Success: true } tls) return $"GMail - transport={tls.Groups[1].Value} cipher={tls.Groups[2].Value}";
        if (AuthList().Match(line) is { Success: true } list) return list.Groups[1].Value;
        if (SendmailAuthenticated().IsMatch(line)) return "Sendmail";
        if (Gmx().Match(line) is { Success: true } gmx) return $"GMX ({gmx.Groups[2].Value} / {gmx.Groups[1].Value})";
        if (CriticalPath().IsMatch(line)) return "CriticalPath";
        if (PostfixAuthenticated().Match(line) is { Success: true } postfix) return postfix.Groups[1].Value == "Postfix" ? "Postfix" : $"Postfix ({postfix.Groups[1].Value})";
        if (CommuniGate().IsMatch(line) && line.Contains(" (account ", StringComparison.Ordinal)) return "Communigate";
        if (ExchangeDav().IsMatch(line)) return "HTTP-DAV";
        return line.Contains(" by ", StringComparison.Ordinal) && ViaHttp().Match(line) is { Success: true } via ? via.Groups[1].Value : "";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"(?:\s?;)+$")]
    private static partial Regex Semicolons();

    [GeneratedRegex(@"^\(?[Ff][Rr][Oo][Mm] ")]
    private static partial Regex Begin();

    [GeneratedRegex(@"\bwith local for\b")]
    private static partial Regex WithLocalFor();

    [GeneratedRegex(@"^from (\S+) by [^\s;]+ ?;", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoClient();

    [GeneratedRegex(@"^\[[\d.]+\]$")]
    private static partial Regex BracketedAddress();

    [GeneratedRegex(@"[\s;]+(?:(?:Mon|T(?:ue|hu)|Wed|Fri|S(?:at|un)), )?\d+ (?:J(?:an|u[nl])|Feb|Ma[ry]|A(?:pr|ug)|Sep|Oct|Nov|Dec) \d+ \d+:\d+(?::\d+)? \S+$")]
    private static partial Regex Date();

    [GeneratedRegex(@" id <?([^\s<>;]{3,})")]
    private static partial Regex Id();

    [GeneratedRegex(@"\bhelo=([-A-Za-z0-9.\^+_&:=?!@%*$\\/]+)(?:[^-A-Za-z0-9.\^+_&:=?!@%*$\\/]|$)")]
    private static partial Regex Helo();

    [GeneratedRegex(@"\b(?:HELO|EHLO) ([-A-Za-z0-9.\^+_&:=?!@%*$\\/]+)(?:[^-A-Za-z0-9.\^+_&:=?!@%*$\\/]|$)")]
    private static partial Regex HeloWord();

    [GeneratedRegex(@" by (\S+)(?:[^-A-Za-z0-9;.]|$)")]
    private static partial Regex By();

    [GeneratedRegex(@" with ((?:ES|L|UTF8S|UTF8L)MTPS?A|ASMTP|HTTP[SU]?)(?: |;|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithAuthenticated();

    [GeneratedRegex(@" by mx\.google\.com with ESMTPS id [a-z0-9]{1,4}sm[0-9]{2,9}[a-z]{3}\.[0-9]{1,3}\.[0-9]{4}\.(?:[0-6][0-9]\.){4}[0-6][0-9]")]
    private static partial Regex GoogleSubmission();

    [GeneratedRegex(@"\(version=([^ ]+) cipher=([^)]+)\)")]
    private static partial Regex TlsParameters();

    [GeneratedRegex(@"^from .*?(?:\]\)|\)\]) \(AUTH: (LOGIN|PLAIN|DIGEST-MD5|CRAM-MD5) \S+(?:, .*?)?\) by ")]
    private static partial Regex AuthList();

    [GeneratedRegex(@"^from .*?(?:\](?: \([^)]*\))?\)|\)\]) .*?\(.*?authenticated.*?\).*? by")]
    private static partial Regex SendmailAuthenticated();

    [GeneratedRegex(@"from \S* \((?:HELO|EHLO) \S*\) \[[0-9A-Fa-f.:]+\] by (mail\.gmx\.(?:net|com)) \([^)]+\) with (ESMTP|SMTP)")]
    private static partial Regex Gmx();

    [GeneratedRegex(@" \(authenticated as .*\) by .+ \(\d{1,2}\.\d\.\d{3}(?:\.\d{1,3})?\) \(authenticated as .+\) id ")]
    private static partial Regex CriticalPath();

    [GeneratedRegex(@"\) \(Authenticated sender: \S+\) by \S+ \(([^)]+)\) with ")]
    private static partial Regex PostfixAuthenticated();

    [GeneratedRegex(@"CommuniGate Pro (?:HTTP|SMTP|XIMSS|IMAP)")]
    private static partial Regex CommuniGate();

    [GeneratedRegex(@" with Microsoft Exchange Server HTTP-DAV\b")]
    private static partial Regex ExchangeDav();

    [GeneratedRegex(@" \(via (HTTP.?)\)(?: |;|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ViaHttp();

    [GeneratedRegex(@"(?:return-path:? |envelope-(?:sender|from)[ =])(\S+)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EnvelopeSender();

    [GeneratedRegex(@"^(?=.* \((?:SquirrelMail|NaSMail) authenticated user ).*?(?<ip>[0-9A-Fa-f.:]{4,})\b(?![.-]).{10,80}by (?<by>\S+) with HTTP|(?<ip>[0-9A-Fa-f.:]{4,}) by (?<by>\S+) \([0-9A-Fa-f.:]+\) with HTTP \(WebMailUI\)")]
    private static partial Regex Webmail();

    [GeneratedRegex(@"^(\S+)[^-A-Za-z0-9.]")]
    private static partial Regex FirstWord();

    [GeneratedRegex(@"^(?<helo>\S+) \((?<rdns>\S+) \[(?<ip>[0-9A-Fa-f.:]+)\]\) BY (?<by>\S+) (?:\([^)]+\) WITH SMTP )?ID <?(?<id>\S+?)>?(?: FOR <[^>]+>)?$")]
    private static partial Regex Upper();

    [GeneratedRegex(@"^(?<helo>\S*) \[(?<ip>[0-9A-Fa-f.:]+)\]\) by (?<by>\S+) \(NAVGW .*?\) with ")]
    private static partial Regex Navgw();

    [GeneratedRegex(@"^\S+@localhost\) by \S+ |^[^\s@]+@[^)]+\) by \S+\(jqueuemail\) id [^\s;]+")]
    private static partial Regex LocalUser();

    [GeneratedRegex(@"\[((?:[Ii][Pp][Vv]6:)?[0-9A-Fa-f.:]+)\]")]
    private static partial Regex AnyBracketed();

    [GeneratedRegex(@"^0*:0*:(?:0*:)*[Ff]{4}:(\d+\.\d+\.\d+\.\d+)$")]
    private static partial Regex Mapped();

    [GeneratedRegex(@"helo=(\S+)")]
    private static partial Regex HeloInList();

    [GeneratedRegex(@"ident=(\S*)")]
    private static partial Regex IdentInList();

    [GeneratedRegex(@"[\s\0#\[\]()<>|]")]
    private static partial Regex Forging();
}
