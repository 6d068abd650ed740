using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A form of Received field: what it needs, its pattern with named groups, and what the server is known to have done.</summary>
/// <param name="Pattern">Groups helo, rdns, ip, by, ident, id, from and sub (a list that may hold helo= and ident=).</param>
/// <param name="LookedUp">True where this server asks DNS for the client's name, so that none in the field means that there is none.</param>
/// <param name="Ignored">True for hand-overs within a machine, which are no relays.</param>
internal sealed record ReceivedShape(string Pattern, bool LookedUp = false, bool Ignored = false)
{
    // The patterns backtrack over a stranger's line of at most some kilobytes; on a machine that is busy time passes without them.
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(500);

    private Regex? regex;

    /// <summary>The pattern, made when first needed. An address is any run of its characters; whether it is one is asked afterwards.</summary>
    internal Regex Regex => regex ??= new Regex(Whole, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTime);

    /// <summary>The pattern in full.</summary>
    internal string Whole => Pattern.Replace("{ip}", "(?<ip>(?:[Ii][Pp][Vv]6:)?[0-9A-Fa-f.:]+)", StringComparison.Ordinal).Replace("{any}", "(?:[Ii][Pp][Vv]6:)?[0-9A-Fa-f.:]+", StringComparison.Ordinal).Replace("{here}", @"(?:localhost(?:\.localdomain)?|127\.0\.0\.1|(?:[Ii][Pp][Vv]6:)?::1)", StringComparison.Ordinal);
}

/// <summary>
/// The forms that mail servers write, each with the programs known by it, in the order in which they are tried. Knowledge of
/// SpamAssassin's authors, gathered since 2002; rules on relays mean exactly what these make of a field.
/// </summary>
internal static class ReceivedShapes
{
    /// <summary>Forms tried only where a first pattern matches; of these blocks only the first that applies is.</summary>
    internal static readonly (Regex Guard, ReceivedShape[] Shapes)[] Guarded =
    [
        (new(" SMTPSVC"),
        [
            new(@"^(?<helo>\S*) \(\[{ip}\][^\)]{0,40}\) by (?<by>\S+) with Microsoft SMTPSVC"),
            new(@"^mail pickup service by (\S+) with Microsoft SMTPSVC$", Ignored: true),
        ]),
        (new(@" with (?:Microsoft SMTP Server|mapi id) (?:\([^\)]+\) )?\d+\.\d+\.\d+\.\d+(?:$| )"),
        [
            new(@"^(?<helo>\S+) \(\[?{ip}(?:%[A-Z0-9._~-]*)?\]?\) by (?<by>\S+) (?<noid>)"),
        ]),
        (new(@"\[XMail "),
        [
            new(@"^(?<helo>\S+) \((?:\[?){ip}(?:\]?)(?::\d+)\) by (?<by>\S+)(?: \(\S+\))? with \[XMail(?=(.* id <(?<id>\S+)>)?)(?=(.* from <(?<from>\S+)>)?)"),
        ]),
        (new(@"\(ecelerity\b"),
        [
            new(@"^\(\[{ip}:\d+\] helo=(?<helo>\S+)\) by (?<by>\S+) "),
            new(@"^\S+ \(\[{ip}:\d+\]\) by (?<by>\S+) "),
        ]),
        (new("Exim"),
        [
            new(@"\bwith local(?:-\S+)? ", Ignored: true),
            new(@"^\[{ip}\] \((?<sub>.*?)\) by (?<by>\S+) "),
            new(@"^(?<rdns>\S+) \(\[{ip}\](?<sub>.*?)\) by (?<by>\S+) (?<helorwise>)"),
            new(@"^(?<rdns>\S+) \[{ip}\](:\d+)? by (?<by>\S+) (?<helorwise>)"),
            new(@"^(?=(?<rdns>\S+) )(?=(.*? \((?<helo>\S+)\) )?)(?=.*?by (?<by>\S+) ).*? \[{ip}(?:\.\d+)?\] "),
        ]),
        (new(@" \(Postfix\) with"),
        [
            new(@"^(?<helo>\S+) \((?<rdns>\S+) \[{ip}\]\) by (?<by>\S+) ", LookedUp: true),
            new(@"^(?<helo>\S+) \((?<rdns>\S+)\[{ip}\]\) by (?<by>\S+) ", LookedUp: true),
        ]),
        (new(@"\(Scalix SMTP Relay"),
        [
            new(@"^(?<helo>\S+) \( ?{ip}\) by (?<by>\S+)"),
        ]),
        (new(@" \(Lotus Domino "),
        [
            new(@"^(?<helo>\S+) \(\[{ip}\]\) by (?<by>\S+) \(Lotus"),
        ]),
    ];

    /// <summary>Forms tried one after another.</summary>
    internal static readonly ReceivedShape[] Open =
    [
        new(@"^(?=.*\bwith HTTP\b){ip} \(\[{any}\]\) by (?<by>\S+)"),
        new(@"^(?!.* by \S+ \(qmail-\S+\) with )(?<helo>\S+) \((?<rdns>\S+) \[{ip}\].*\) by (?<by>\S+) \((?<identified>)", LookedUp: true),
        new(@"^(?<helo>\S+) \((?<rdns>\S+) \[{ip}\]\) by (?<by>\S+) with \S+ \(", LookedUp: true),
        new(@"^(?<rdns>\S+) \(\[{ip}\] helo=(?<helo>\S+)\) by (?<by>\S+) with "),
        new(@"^(?<helo>\S+) \(<unknown\S*>\[{ip}\]\) by (?<by>\S+) "),
        new(@"^(?<helo>\S+) \((?<rdns>\S+\.\S+)\[{ip}\]\) by (?<by>\S+) ", LookedUp: true),
        new(@"^(?<helo>\S+) \((?<ident>\S*)@\[{ip}\].*\) by (?<by>\S+) \(", LookedUp: true),
        new(@"^(?=({ip} )?).*by (?<by>\S+\.hotmail\.msn\.com) (?<maybe>)"),
        new(@"^(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>\S*)\) \({ip}\) by (?<by>\S+) \(qpsmtpd\/\S+\) with (?:ESMTP|SMTP)"),
        new(@"^(?<rdns>\S+) \(LHLO (?<helo>\S*)\) \({ip}\) by (?<by>\S+) with LMTP"),
        new(@"^(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>\S*)\) \[{ip}\] by (?<by>\S+) \([^\)]+\) with (?:ESMTP|SMTP)"),
        new(@"^(?<helo>\S+) \(\[{ip}\]\) by (?<by>\S+) via smtpd \(for \S+\) with SMTP\("),
        // qmail in its many dresses.
        new(Qmail + @"(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>[^ \(\)]*)\) \((?<ident>\S*)@\[?{ip}\]?\)( \(envelope-sender <\S+>\))? by (?<by>\S+)(?<qmail>)"),
        new(Qmail + @"(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>[^ \(\)]*)\) \(\[?{ip}\]?\)( \(envelope-sender <\S+>\))? by (?<by>\S+)(?<qmail>)"),
        new(Qmail + @"(?<rdns>\S+) \((?<ident>\S*)@\[?{ip}\]?\)( \(envelope-sender <\S+>\))? by (?<by>\S+)(?<qmail>)(?<helorwise>)"),
        new(Qmail + @"(?<rdns>\S+) \(\[?{ip}\]?\)( \(envelope-sender <\S+>\))? by (?<by>\S+)(?<qmail>)(?<helorwise>)"),
        new(@"^\[{ip}\] by (?<by>\S+) via HTTP$"),
        new(@"^(\S+) \( \[{ip}\]\).*? by (?<by>\S+) "),
        new(@"^\((?<helo>\S+) \[{ip}\]\) by (?<by>\S+) "),
        new(@"^\[{ip}\] by (?<by>\S+) "),
        new(@"^\(\[?{ip}\]?\) by (?<by>\S+) "),
        new(@"^(?<helo>\S+) \[{ip}\] by (?<by>\S+) \[{any}\] with ", LookedUp: true),
        new(@"^(?<helo>\S+) \[\({ip}\)\] by (?<by>\S+) \({any}\) "),
        new(@"^(?<helo>\S+) \(\[{ip}\]\) by (?<by>\S+) \(", LookedUp: true),
        new(@"^(?<helo>\S+) \(softdnserr \[{ip}\]\).*? by (?<by>\S+)\b"),
        new(@"^(?<helo>\S+) \((?<rdns>\S+) \[{ip}\]\).*? by (?<by>\S+)\b", LookedUp: true),
        new(@"^(?<helo>\S+) \(\[{ip}(?:[.:]\d+)?\]\).*? by (?<by>\S+) ", LookedUp: true),
        new(@"^(?<helo>\S+) \((?<rdns>\S+) \[{ip}\]\)(?: \(authenticated bits=\d+\))? by (?<by>\S+) \(", LookedUp: true),
        new(@"with (?:POP3|IMAP)(?<fetcher>)", Ignored: true),
        new(@"^(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>[^\)]*)\) \(((?<ident>\S*)@)?\[?{ip}\]?\).* by (?<by>\S+) ", LookedUp: true),
        new(@"^(?<rdns>\S+) \(((?<ident>\S*)@)?\[?{ip}\]?\).* by (?<by>\S+) (?<helorwise>)", LookedUp: true),
        new(@"^\[{ip}\] by (?<by>\S+) with http for "),
        new(@"^(?<rdns>\S+)\({ip}\) by (?<by>\S+) via smap ", LookedUp: true),
        new(@"^(?<rdns>\S+)\({ip}, (?:HELO|EHLO) (?<helo>\S*)\) by (?<by>\S+) via smap ", LookedUp: true),
        new(@"^\[{ip}\] by (?<by>\S+) \(Post"),
        new(@"^\[{ip}\] by (?<by>\S+) \(ArGoSoft"),
        new(@"^{ip} by (?<by>\S+) \((?:SMTPL|InterScan)\b"),
        new(@"^\S+ by \S+ with BSMTP", Ignored: true),
        new(@"^(?<helo>\S+) \((?<rdns>\S+) \[{ip}\]\) by (?<by>\S+) with ", LookedUp: true),
        new(@"^(?<rdns>\S+) \((?:HELO|EHLO) (?<helo>\S*)\) \((?:(?<ident>\S+)@)?{ip}.*?\) by (?<by>\S+) with ", LookedUp: true),
        new(@"^\[{ip}\] \((?:account \S+ )?(?:HELO|EHLO) (?<helo>\S*)\) by (?<by>\S+) \("),
        new(@"^(?=.* \(CommuniGate Pro)(?<rdns>\S+) \(\[{ip}\] verified\) by (?<by>\S+) \((?<helorwise>)", LookedUp: true),
        new(@"^\(\[{ip}\]\) by (?<by>\S+) with "),
        new(@"^(?<helo>[^\d]\S+) \({ip}\) by (?<by>\S+) "),
        new(@"^\S+ \(\S+\) by \S+ \(Content Technologies ", Ignored: true),
        new(@"^(?<helo>\S+) \(\[{ip}\] \[(\S+)\]\) by (?<by>\S+) with "),
        new(@"^{ip} by (?<by>\S+) with "),
        new(@"^(?<helo>\S+) \((?<rdns>\S+)\[{ip}\]\) by (?<by>\S+) ", LookedUp: true),
        new(@"^\[{ip}\]\S+ \((?:HELO|EHLO) (?<helo>\S*)\) by (?<by>\S+) "),
        new(@"^{ip} \((?:HELO|EHLO) (?<helo>\S*)\) by (?<by>\S+) "),
        new(@"^(?<helo>\S+) \[{ip}\] by (?<by>\S+) "),
        new(@"^(?<rdns>\S+)\({ip}\) by (?<by>\S+) "),
        new(@"^\[{ip}\] by (?<by>\S+) \(MailGate "),
        new(@"^(?<helo>\S+) \(unverified \[{ip}\]\) by (?<by>\S+) "),
        new(@"^{ip} \([A-Za-z][^\)]+\) by (?<by>\S+) with "),
        new(@"^\[{ip}\] \((?<sub>[^\)]+)\) by (?<by>\S+) "),
        new(@"^(?<rdns>\S+) \((?:\S+@)?{ip}\) by (?<by>\S+) with "),
        new(@"^(?<rdns>\S+)\({ip}\)(?:, claiming to be ""(?<helo>\S+)"")? via \S+ by (?<by>\S+),", LookedUp: true),
        new(@"^(?<helo>\S+) \((\S+)@{ip} with login\) by (?<by>\S+\.yahoo\.com) with SMTP"),
        new(@"^X-Originating-IP: {ip}$"),
        new(@"^\S+ \([^\s@]+@{here}\) by \S+ \(", Ignored: true),
        new(@"^\S+ \S+ by \S+ with local-e?smtp ", Ignored: true),
        new(@"^127\.0\.0\.1 \(AVG SMTP \S+ \[\S+\]\)", Ignored: true),
        new(@"^\S+@\S+ by \S+ ", Ignored: true),
        new(@"^Unknown/Local \(", Ignored: true),
        new(@"^{here} \((?:\S+@)?{here}[\)\[]", Ignored: true),
        new(@"^\S+ \((?:\S+@)?{here}\) ", Ignored: true),
        new(@"^\S+ \(\S+@\S+ \[{here}\]\) ", Ignored: true),
        new(@"^\(AUTH: \S+\) by \S+ with ", Ignored: true),
        new(@"^localhost \(localhost \[\[UNIX: localhost\]\]\) by ", Ignored: true),
        new(@"^\S+\.amazon\.com by \S+\.amazon\.com with ESMTP \(peer crosscheck: ", Ignored: true),
        new(@"^[^\.]+ by \S+ with Novell_GroupWise", Ignored: true),
        new(@"^no\.name\.available by \S+ via smtpd \(for ", Ignored: true),
        new(@"^\S+ by \S+ \(.{0,100}\) with qmail-scanner(?<scanner>)", Ignored: true),
        new(@"^\S+ by \S+ with local", Ignored: true),
        new(@"^\S+ \(\[unix socket\]\) by \S+ \(Cyrus v[0-9]*?\.[0-9]*?\.[0-9]*?\) with LMTPA", Ignored: true),
        new(@"^\S+ by \S+ (?:with|via|for|\()", Ignored: true),
        new(@"^\S+ (?:(?:with|via|for) \S+|\(unverified\)) by\b", Ignored: true),
        new(@"^\S+ \(unknown\) by \S+ \(SG\) with \b", Ignored: true),
        new(@"^\S+ \(\S+ \[local\]\) by \S+ \(OpenSMTPD\) with \b", Ignored: true),
        new(@"\(LSMTP for", Ignored: true),
        new(@"^\(\[{here}\]\) with MailEnable ", Ignored: true),
        new(@"^facebook\.com \([^\)]+\) by facebook\.com with Thrift id \S+$", Ignored: true),
        new(@"^\S+ named \S+ by gmailapi\.google\.com with HTTPREST$", Ignored: true),
        new(@"^\S+ id \S+$", Ignored: true),
        new(@"^\[<.*? \(Jetsend", Ignored: true),
    ];

    // Some at a time: which of them a line may be is found in one reading.
    private static readonly (PatternAutomaton Automaton, ReceivedShape[] Shapes)[] OpenTogether = [.. Open.Chunk(ShapesTogether).Select(shapes => (PatternAutomaton.Of(shapes.Select(shape => PerlPattern.Parse(shape.Whole).Root!), MostPlaces)!, shapes))];

    private const int ShapesTogether = 16;
    private const int MostPlaces = 10_000;

    /// <summary>Those of <see cref="Open"/> that the line may have, in their order; hardly one that it has not.</summary>
    internal static IEnumerable<ReceivedShape> OpenThatMayMatch(string line)
    {
        var octets = ByteText.Octets(line);
        var budget = new RunBudget();
        foreach (var (automaton, shapes) in OpenTogether)
        {
            var found = 0UL;
            var bits = automaton.Find(octets, ref found, budget) ? found : ~0UL >> (64 - shapes.Length);
            for (; bits != 0; bits &= bits - 1) yield return shapes[System.Numerics.BitOperations.TrailingZeroCount(bits)];
        }
    }

    private const string Qmail = @"^(?=\S+( \((?:HELO|EHLO) \S*\))? \((\S+@)?\[?{any}\]?\)( \(envelope-sender <\S+>\))? by \S+( \(.+\))* with (.* )?(SMTP|QMQP)(?! id ))";
}
