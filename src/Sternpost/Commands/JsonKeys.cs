namespace Sternpost.Commands;

/// <summary>A key of what a verb prints with <c>--json</c>. A dot leads into an object, <c>[]</c> into the items of a list.</summary>
/// <param name="Key">The key.</param>
/// <param name="Meaning">What it says, with its unit.</param>
internal sealed record JsonKey(string Key, string Meaning);

/// <summary>
/// The keys that scripts may rely on, verb by verb: docs/cli.md is made from them, and tests compare them with what the verbs print. A
/// key may be added; one that is here stays.
/// </summary>
internal static class JsonKeys
{
    private static readonly JsonKey[] Record =
    [
        new("name", "owner name, without the last dot"), new("type", "record type"), new("ttl", "seconds"), new("value", "the value, TXT without quotes"),
        new("importance", "`essential`, `recommended` or `optional`"), new("why", "what it is good for"), new("without", "what follows where it is missing"),
    ];

    private static readonly JsonKey[] CheckedRecord =
    [
        .. Record, new("state", "`published`, `missing`, `different`, `unknown` where DNS did not answer, or `notChecked`"), new("found", "list of what DNS has"),
        new("remarks", "list of sentences: what is different, and what follows"),
    ];

    private static readonly JsonKey[] Account =
    [
        new("address", "the address"), new("name", "the person's name"), new("status", "`active`, `suspended` or `contained`"), new("administrator", "true or false"),
        new("usedBytes", "octets of mail"), new("quotaBytes", "octets it may hold, 0 for no limit"), new("created", "when, ISO 8601"),
    ];

    private static readonly JsonKey[] Masked =
    [
        new("address", "the address"), new("shop", "whom it was given to"), new("note", "what its owner wants to remember"), new("enabled", "false where mail to it is refused"), new("created", "when, ISO 8601"),
        new("messages", "how many came to it"), new("lastSender", "who wrote last, empty while nobody has"), new("lastAt", "when that was, or null"), new("shopSenders", "list: the shop's domain, from the first proved message"),
        new("acceptedSenders", "list of domains that the owner accepted beside it"), new("strangers", "list of domains that have the address from somebody else: it leaked"),
    ];

    private static readonly JsonKey[] Quarantined =
    [
        new("id", "the message's id"), new("received", "when it came"), new("expires", "when it is deleted"), new("sender", "reverse-path, null for the null one"), new("author", "its From field"), new("subject", "its subject"),
        new("recipients", "list of addresses"), new("reason", "why it is held, a sentence"), new("reference", "by which its sender may ask"), new("malware", "whether malware was found in it"),
        new("releasing", "whether its release was asked for"), new("size", "octets"), new("preview", "the beginning of its text"),
    ];

    private static readonly JsonKey[] Bounds =
    [
        new("limit", "which limit, such as `external-per-hour`"), new("soft", "beyond it mail is held; 0 for none, null where inherited"), new("hard", "beyond it mail is refused; likewise"),
    ];

    private static readonly JsonKey[] AppPassword =
    [
        new("id", "by which it can be removed and limited"), new("name", "what its owner calls it"), new("created", "when, ISO 8601"), new("used", "about when it was last used, or null"), new("usedFrom", "from where then, or null"),
    ];

    private static readonly JsonKey[] Site =
    [
        new("address", "the site's address and sign-in name"), new("status", "`active` or `blocked`"), new("user", "user of its programs on this computer; empty where it has none here"), new("folder", "their folder; empty for any"),
        new("addresses", "list of what else it may send as: addresses, or `@domain`"), new("repliesTo", "where mail for its address goes; null for the administrators"), new("newScripts", "`allow`, `limit` or `hold`"),
        new("blindCopies", "outside recipients of one message that its header may leave out"), new("perHour", "outside recipients in an hour, 0 for no limit"), new("perDay", "in a day"),
        new("sentInHour", "outside recipients written to in the last hour"), new("sentInDay", "in the last day"),
        new("scripts[].script", "path of a script its mail came from, or what else is known; may be empty"), new("scripts[].state", "`new`, `allowed` or `blocked`"), new("scripts[].firstSeen", "when its first message came, ISO 8601"),
        new("scripts[].lastSeen", "and its last"), new("scripts[].messages", "how many"), new("scripts[].waiting", "messages that wait for `site allow`"),
    ];

    private static readonly JsonKey[] Certificate =
    [
        new("name", "`configured`, the name of an import, `host` for the server's own ordered one, or a domain"), new("origin", "`configured`, `imported` or `acme`"), new("file", "path of its file; empty where there is none yet"),
        new("names", "list of host names and addresses it is for"), new("issuer", "who issued it"), new("selfSigned", "true where no authority issued it"), new("from", "from when it is valid, ISO 8601; null where there is none yet"),
        new("until", "until when"), new("pin", "what a TLSA record of its key says: `3 1 1` and hexadecimal"), new("default", "true for the one that is shown where no name is asked for"),
        new("renewAt", "when the server renews it; null where it does not"), new("problem", "why ordering failed last; empty where all is well"), new("advice", "what to do about it"), new("problemSince", "since when, or null"),
        new("nextAttempt", "when it is tried again, or null"), new("leftOut[].name", "a name that is not in it"), new("leftOut[].reason", "why"), new("leftOut[].advice", "what to do"), new("leftOut[].retryAt", "when it is tried again, where the authority did not believe it; null where DNS decides"),
    ];

    private static readonly JsonKey[] Watched =
    [
        new("checked", "when it was last looked at, ISO 8601; null for never"), new("problems[].check", "which check found it"), new("problems[].subject", "what tells it from others of that check"),
        new("problems[].level", "`failed` or `warning`"), new("problems[].finding", "what was found"), new("problems[].advice", "the way to mend it"), new("problems[].since", "since when, ISO 8601"),
    ];

    private static readonly JsonKey[] Complaint =
    [
        new("id", "of the case"), new("received", "when it came, ISO 8601"), new("kind", "`arf`, `xarf` or `text`"), new("reporter", "the address it came from"), new("proved", "true where that address is proved by DMARC"),
        new("category", "what it complains of, in the form's word; empty in free text"), new("account", "the account that sent the message; empty where it was not found"), new("message", "id of the message for `trace`, or null"),
        new("messageId", "its Message-ID, where known"), new("subject", "its subject, where known"), new("excerpt", "beginning of the complaint"), new("closed", "when the case was closed, or null"), new("note", "what was said then"),
    ];

    private static readonly JsonKey[] SitePassword = [new("address", "the site"), new("password", "the password made for it, once; null where one was given")];

    private static readonly JsonKey[] Queued =
    [
        new("id", "queue id"), new("origin", "`submission`, `forward` or `notification`"), new("sender", "reverse-path, null for the null one"),
        new("size", "octets"), new("transport", "what its sender wants of TLS: `usual`, `requireTls` or `tlsNotRequired`"), new("created", "when, ISO 8601"), new("expires", "when it is given up, ISO 8601"),
        new("recipients[].address", "a recipient still owed"), new("recipients[].domain", "its domain"), new("recipients[].attempts", "attempts so far"),
        new("recipients[].nextAttempt", "when it is tried next, ISO 8601"), new("recipients[].held", "true where it waits for `queue release`"),
        new("recipients[].lastReply", "what the other server said last, or null"), new("recipients[].lastInWords", "what the last attempt came to, in words"),
        new("recipients[].lastCause", "id of its cause, as in `queue causes`, or null"), new("recipients[].lastRemedy", "what can be done about it, or null"),
        new("recipients[].lastProtection", "what decided how the last connection was protected, and the certificate seen; null before the first attempt"),
        new("recipients[].lastProtectionFacts", "the same as values: `rule`, `isConnected`, `tlsVersion`, `cipherSuite`, `certificateResult`, `certificate` (`subject`, `issuer`, `notAfter`, `sha256`), `problem`; null as above"),
    ];

    private static readonly JsonKey[] Imported = [new("mailbox", "a mailbox here"), new("added", "messages that are new"), new("known", "messages that an earlier import brought")];

    /// <summary>Keys by verb, as typed; a verb that prints a list prints a list of such objects.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonKey>> ByVerb { get; } = new Dictionary<string, IReadOnlyList<JsonKey>>
    {
        ["setup"] =
        [
            new("configuration", "path of the configuration"), new("data", "path of the data folder"), new("account.address", "the administrator"),
            new("account.password", "the password made for it, once; null where one was given or the account was there"), new("selfSignedCertificate", "true where a certificate was made"),
            new("checks[].check", "what was looked at"), new("checks[].level", "`ok`, `warning` or `failed`"), new("checks[].finding", "what was found"), new("checks[].advice", "what to do about it"),
            .. CheckedRecord.Select(key => new JsonKey("records[]." + key.Key, key.Meaning)),
        ],
        ["domain list"] = [new("domain", "the name"), new("created", "when, ISO 8601")],
        ["domain show"] = [new("domain", "the name"), new("created", "when, ISO 8601"), new("accounts", "how many"), new("aliases", "how many"), new("usedBytes", "octets of mail of its accounts")],
        ["account list"] = Account,
        ["account show"] = Account,
        ["alias list"] = [new("alias", "address, or `@domain` for a catch-all"), new("target", "where its mail goes")],
        ["site add"] = SitePassword,
        ["site list"] = Site,
        ["site show"] = Site,
        ["site password"] = SitePassword,
        ["dns show"] = Record,
        ["dns check"] = CheckedRecord,
        ["dns publish"] =
        [
            new("fate", "`kept`, `added`, `removed`, `leftAlone` where something that is not ours stands in its way, or `elsewhere` where the zone is not the primary's"),
            new("name", "owner name, without the last dot"), new("type", "record type"), new("value", "the value, TXT without quotes"), new("reason", "why, where that is not plain"),
        ],
        ["report list"] =
        [
            new("kind", "`dmarc`, `tls` or `feedback`"), new("domain", "the domain it is about"), new("organisation", "who made it, as he calls himself"), new("reportId", "what he calls it"),
            new("sender", "domain of the mail it came in"), new("authenticated", "true where that mail proved it"), new("policy", "p= as he saw it, the TLS policy types, or the kind of feedback"),
            new("begin", "beginning of the time it covers, ISO 8601"), new("end", "its end"), new("received", "when it came, ISO 8601"),
            new("passed", "messages that passed, or sessions that came about"), new("failed", "those that did not"),
        ],
        ["report show"] =
        [
            new("domain", "the name"), new("policy", "p= of the newest report; empty where there is none"), new("next", "the policy to consider next; null at p=reject"),
            new("advice", "`tooLittle`, `notYet`, `decide`, `safe` or `done`"), new("words", "the same in a sentence or two"),
            new("reports", "DMARC reports that count"), new("setAside", "reports that do not, because the mail they came in proved nothing"), new("days", "different days covered"),
            new("passed", "messages that passed DMARC"), new("failed", "messages that did not"),
            new("sources[].name", "the domain a source's mail is signed or sent as, or its address"), new("sources[].kind", "`yours`, `faulty`, `forwarder`, `regular` or `stranger`"),
            new("sources[].passed", "its messages that passed"), new("sources[].failed", "those that would be held back"), new("sources[].days", "on how many days it was seen"),
            new("sources[].addresses", "list of its addresses"), new("sources[].advice", "what to do about it, or empty"),
            new("tls.reports", "TLS reports"), new("tls.sessions", "TLS sessions that came about"), new("tls.failed", "those that did not"),
            new("tls.failures[].server", "our server"), new("tls.failures[].reason", "why"), new("tls.failures[].sessions", "how many"),
            new("complaints", "messages that feedback reports are about"),
        ],
        ["certificate list"] = Certificate,
        ["certificate show"] = Certificate,
        ["certificate next-key"] = [new("name", "owner name of the record to publish"), new("type", "`TLSA`"), new("value", "its value")],
        ["certificate terms"] = [new("directory", "address of the authority's ACME directory"), new("terms", "address of its terms of service; empty where it has none"), new("accepted", "true where the configuration accepts them")],
        ["quarantine list"] = Quarantined,
        ["quarantine show"] = Quarantined,
        ["account app-password add"] = [.. AppPassword, new("secret", "the password; shown this once and never again")],
        ["account app-password list"] = AppPassword,
        ["account expect-code"] = [new("address", "the account"), new("until", "when it ends by itself, ISO 8601, or null where it was ended")],
        ["account masked add"] = Masked,
        ["account masked list"] = Masked,
        ["account containment"] =
        [
            new("address", "the account"), new("state", "`contained`, `putBack` (a false alarm) or `givenBack`"), new("automatic", "true where the server did it by itself"), new("reason", "why, a sentence"),
            new("at", "when, ISO 8601"), new("since", "from when on what it did is in question"), new("ended", "when it ended, or null"), new("signs", "list of what was seen"),
            new("sources[].address", "an address it came from"), new("sources[].messages", "how many messages"), new("messages", "list of queue ids"),
            new("recipients[].address", "a recipient outside"), new("recipients[].message", "queue id of the message"), new("recipients[].stopped", "true where it was taken out of the queue, false where it had left"),
            new("localCopies", "copies in mailboxes here that were moved to Junk"), new("appPasswords", "list of ids that were ended"), new("grants", "list of what it may no longer send as"), new("aliases", "list of forwards removed: alias and target"),
        ],
        ["canary list"] = [new("address", "the canary"), new("account", "in whose Sent folder it is planted, or null"), new("planted", "when, ISO 8601")],
        ["decoy list"] = [new("name", "the decoy"), new("created", "when, ISO 8601")],
        ["sender list"] = [new("account", "who may"), new("pattern", "an address, `@` and a domain, or a regular expression between slashes"), new("created", "since when, ISO 8601")],
        ["sieve list"] =
        [
            new("name", "the script"), new("active", "whether the account's mail is sorted by it"), new("size", "octets"), new("created", "when it was first stored, ISO 8601"), new("changed", "when its text was replaced last"),
        ],
        ["sieve check"] =
        [
            new("script", "its name, or the file"), new("sound", "whether it can run"), new("problems[].line", "where, counted from 1"), new("problems[].text", "what is wrong"), new("problems[].warning", "true where it can run all the same"),
        ],
        ["limit list"] = [new("subject", "the scope that differs, such as `account:` and an id, `accounts:` and a domain for each of its accounts"), .. Bounds],
        ["limit show"] =
        [
            new("layer", "the kind of who is limited: `account`, `app-password`, `site`, `domain`, `source` or `server`"), new("of", "who"), .. Bounds,
            new("used", "what was sent within its span; null for one message"), new("from", "where it was laid down: `configuration` or a subject"),
        ],
        ["queue list"] = Queued,
        ["queue show"] = Queued,
        ["queue causes"] =
        [
            new("id", "the same for the same cause"),
            new("kind", "`blocked`, `reputation`, `rate`, `authentication`, `reverseDns`, `content`, `unknownRecipient`, `mailboxFull`, `mailboxClosed`, `policy`, `greylisting`, `tls`, `size`, `relay`, `unreachable`, `dns`, `here` or `other`"),
            new("provider", "whose reply it is, or empty"), new("cause", "a clause after \"was not delivered:\""), new("remedy", "what who wrote can do"),
            new("administratorRemedy", "what who runs the server can do, or empty"), new("link", "where the receiver says more, or null"),
            new("waiting", "recipients in the queue whose last attempt it ended"), new("failed", "recipients given up for it in the days asked about"),
            new("domains", "list of some domains it was seen at"), new("example", "what was said last"),
        ],
        ["queue rates"] = [new("provider", "the registrable domain of its mail servers"), new("messagesPerMinute", "how much it is sent"), new("since", "when it asked for less last, ISO 8601")],
        ["queue explain"] =
        [
            new("file", "the file"), new("recipient", "who is told of"), new("action", "`failed`, `delayed`, `delivered`, `relayed` or `expanded`"), new("status", "RFC 3463, or null"), new("host", "who decided, or null"),
            new("diagnostic", "what it said, or null"), new("causeId", "as in `queue causes`; null where nothing failed"), new("cause", "a clause after \"was not delivered:\", or null"), new("remedy", "what can be done, or null"),
            new("link", "where the receiver says more, or null"), new("reporter", "the server that wrote the bounce, or null"), new("originalMessageId", "Message-ID of what bounced, or null"),
        ],
        ["gateway lessons"] =
        [
            new("mailbox", "a mailbox behind the gateway"), new("read", "when its Junk folder was last looked at, ISO 8601; null for never"), new("lessons", "how many lessons of its user are kept"),
            new("problem", "why the last look failed, a sentence; empty where it did not"),
        ],
        ["suppression list"] =
        [
            new("address", "an address elsewhere"), new("bounces", "how often it bounced for good"), new("reply", "what its server said last, or why it was put here"), new("since", "when it bounced last, ISO 8601"),
            new("until", "until when it is not written to, ISO 8601"), new("byHand", "true where an administrator put it here"),
        ],
        ["backup"] =
        [
            new("folder", "where the backup is"), new("made", "the moment it is of, ISO 8601"), new("files", "how many files it holds"), new("octets", "how large they are"),
            new("copied", "files that had to be copied; the others were there from an earlier one"), new("damaged", "list of sentences: contents that are not as they were stored"),
        ],
        ["restore"] =
        [
            new("data", "the data folder"), new("made", "the moment it is of, ISO 8601"), new("files", "how many files"), new("octets", "how large they are"), new("mailboxes", "how many mailboxes"),
            new("held", "recipients of the queue that are held because their mail may have gone out since"), new("canceled", "messages set to go out at a time that is over, which are not sent for the same reason"),
        ],
        ["import maildir"] = Imported,
        ["import mbox"] = Imported,
        ["import imap"] = Imported,
        ["export"] = [new("mailbox", "a mailbox"), new("written", "messages written now"), new("known", "messages that an earlier export into the same place had written")],
        ["verify"] = [new("check", "what was read"), new("level", "`ok`, `warning` or `failed`"), new("finding", "what was found"), new("advice", "what to do about it, or empty")],
        ["trace"] =
        [
            new("id", "the message's id; of what was refused, one of its own"), new("session", "the reference of its SMTP session, which refusals quote, or empty"), new("sender", "the reverse-path, empty for the null one"),
            new("messageId", "its Message-ID, or empty"), new("subject", "its subject, or empty"), new("steps[].at", "when"),
            new("steps[].kind", "`refused`, `accepted`, `filed`, `queued`, `deferred`, `delivered`, `failed`, `held` or `written` (by this server itself)"), new("steps[].recipient", "whose copy, or empty for all"),
            new("steps[].what", "what happened, in words"), new("steps[].advice", "what can be done, or empty"),
        ],
        ["watch show"] = Watched,
        ["watch run"] = Watched,
        ["abuse list"] = Complaint,
        ["abuse show"] = Complaint,
        ["doctor"] =
        [
            new("healthy", "false where something is wrong"), new("checks[].check", "what was looked at"),
            new("checks[].level", "`ok`, `warning` for what can be improved, `failed` for what is wrong, `skipped`"), new("checks[].finding", "what was found"), new("checks[].advice", "the command or record that mends it; may be empty"),
        ],
        ["check"] =
        [
            new("file", "the file"), new("verdict", "`accept`, `junk` or `reject`"), new("score", "log-odds of spam"), new("probability", "of spam, 0 to 1"), new("reason", "one sentence"),
            new("authenticationResults", "as in the header field of that name"),
            new("authentication[].method", "`iprev`, `spf`, `dkim` once for each signature, `dmarc`, `arc`, `dkim2` where it is verified"), new("authentication[].result", "its word, as in the field"), new("authentication[].reason", "why, one sentence"), new("findings[].symbol", "name, as in docs/symbols.md"), new("findings[].weight", "log-odds of spam"),
            new("findings[].explanation", "one sentence"), new("findings[].data", "details, or null"), new("deferral", "why it would have to wait, or null"), new("outcome", "what would happen to the message"),
        ],
        ["evaluate"] =
        [
            new("messages", "messages judged"), new("ham", "of them wanted"), new("spam", "of them spam"), new("oneMinusRocaPercent", "(1−ROCA) %, null where a class is missing"),
            new("hamMisclassified", "wanted messages judged junk or reject"), new("hamMisclassifiedPercent", "of the wanted"), new("hamRejected", "wanted messages judged reject"),
            new("spamCaught", "spam judged junk or reject"), new("spamCaughtPercent", "of the spam"), new("spamRejected", "spam judged reject"),
            new("spamMissedPercentAt01PercentHam", "spam missed where 0.1 % of the wanted is lost"), new("spamMissedPercentAtNoHam", "spam missed where none is"),
            new("messagesPerSecond", "messages per second"), new("processorMillisecondsPerMessage", "milliseconds of processor time"),
        ],
        ["train"] =
        [
            new("ham", "wanted messages trained on"), new("spam", "spam trained on"), new("heldOut.ham", "wanted messages held out"), new("heldOut.spam", "spam held out"),
            new("heldOut.rocaComplement", "(1−ROCA) % of those"), new("heldOut.spamMissedAtOneInThousand", "% of spam missed where 0.1 % of the wanted is lost"),
            new("heldOut.spamMissedAtNone", "% of spam missed where none is"), new("octets", "size of the model"),
        ],
        ["replay"] =
        [
            new("messages", "messages of the time"), new("rejudged", "of them judged again"), new("changed", "copies that would go elsewhere"),
            new("knownHam", "copies whose owners showed that they want them"), new("hamLostNow", "of them in Junk"), new("hamLostThen", "of them that would be in Junk or refused"),
            new("knownSpam", "copies whose owners moved them to Junk"), new("spamMissedNow", "of them delivered to the inbox"), new("spamMissedThen", "of them that would be"),
            new("changes[].id", "stable id of the message"), new("changes[].at", "when it was judged, ISO 8601"), new("changes[].reference", "what log lines quote"), new("changes[].messageId", "its Message-ID"),
            new("changes[].sender", "its author"), new("changes[].account", "whose copy; empty where the message was refused"), new("changes[].was", "`accept`, `junk` or `reject`"), new("changes[].would", "likewise"),
            new("changes[].scoreWas", "log-odds of spam"), new("changes[].score", "as it would be"), new("changes[].label", "`none`, `spam`, `wanted`, `answered` or `kept`"),
            new("proposal.junkAt", "what the nightly refit proposes; `proposal` is null where it proposes nothing"), new("proposal.rejectAt", "likewise"), new("proposal.weights", "list for filter.weights"), new("proposal.words", "what it would mean, in a sentence"),
        ],
        ["after-delivery list"] =
        [
            new("id", "for `after-delivery undo`"), new("at", "when it was moved, ISO 8601"), new("account", "whose copy"), new("sender", "its author"), new("messageId", "its Message-ID"),
            new("reason", "one sentence"), new("undone", "when it was moved back, or null"),
        ],
        ["bench filter"] =
        [
            new("filter", "the program: `sternpost`, or one named with `--beside`"), new("messages", "messages judged"), new("seconds", "from the first to the last, one after another"), new("messagesPerSecond", "messages per second"),
            new("latencyMilliseconds.p50", "how long one took, of another filter with the start of its client: half are faster"), new("latencyMilliseconds.p90", "9 of 10"), new("latencyMilliseconds.p99", "99 of 100"), new("latencyMilliseconds.max", "the slowest"),
            new("cpuMilliseconds", "processor time of each, likewise; null for other filters"),
            new("firstPassCpuMilliseconds", "the same when the filter had just started and saw the messages for the first time; null for other filters"),
            new("cpuMillisecondsPerMessage", "processor time of all its processes and threads, client and daemon"), new("allocatedBytesPerMessage", "memory asked for; null for other filters"),
            new("residentBytes", "memory held at the end (of sternpost with all the messages; of others, of the daemon); null where there is no daemon"),
        ],
        ["bench jmap"] =
        [
            new("request", "what was asked"), new("times", "how often, after a first time"), new("firstMilliseconds", "the first time, when the server had nothing ready for it"),
            new("latencyMilliseconds.p50", "the other times: half are faster"), new("latencyMilliseconds.p95", "19 of 20"), new("latencyMilliseconds.p99", "99 of 100"), new("latencyMilliseconds.max", "the slowest"),
            new("answerBytes", "octets of an answer"),
        ],
        ["bench queue"] =
        [
            new("server", "`sternpost`, or one named with `--beside`"), new("messages", "messages waiting at the start"), new("destinations", "domains they went to"), new("sizeBytes", "octets of each"),
            new("delivered", "messages the sink took"), new("deliveredAgain", "messages it was sent again after it had taken them"), new("bounced", "messages whose bounce it got"), new("bouncedAgain", "bounces it got again"),
            new("missing", "messages of which neither arrived"), new("kills", "how often the server was killed meanwhile"), new("seconds", "from the start to the last message"), new("messagesPerSecond", "over all of that"),
            new("messagesPerSecondToP95", "until 95 of 100 were settled; the rest mostly waits for its next attempt"), new("secondsUntilSettled.p50", "from the start until a message was settled: half are earlier"),
            new("secondsUntilSettled.p95", "19 of 20"), new("secondsUntilSettled.p99", "99 of 100"), new("secondsUntilSettled.max", "the last"), new("cpuMillisecondsPerMessage", "processor time of all processes of the server"),
            new("peakBytes", "the most memory its processes held together, shared pages counted once (PSS)"), new("peakAnonymousBytes", "of that, what is no file's"), new("connections", "connections it made"), new("mostConnections", "the most at a time, idle ones included"),
        ],
        ["mass-check"] =
        [
            new("corpus", "the index's name, without what follows the dot"), new("symbol", "the symbol, or a SpamAssassin rule"), new("messages", "messages it was found in"), new("spamPercent", "share of the spam it was found in"), new("hamPercent", "share of the wanted mail"),
            new("spamOverAll", "S/O: the spam share of what it hits, classes taken as equally frequent, 0 to 1"), new("weight", "log-odds of spam as shipped, or the rule's points"),
        ],
        ["bench imap"] =
        [
            new("operation", "what was asked of the server"), new("count", "how often"), new("seconds", "all of it together"), new("perSecond", "how many a second"),
            new("latencyMilliseconds.p50", "from the command to the whole answer: half are faster"), new("latencyMilliseconds.p95", "19 of 20"), new("latencyMilliseconds.p99", "99 of 100"), new("latencyMilliseconds.max", "the slowest"),
            new("serverCpuMilliseconds", "processor time of the server for one; null where its process is not known"),
        ],
        ["bench smtp"] =
        [
            new("connections", "connections at once"), new("messages", "messages sent"), new("sizeBytes", "octets of each"), new("accepted", "answered with 250"), new("refused", "answered otherwise"),
            new("seconds", "from the first message to the last answer"), new("messagesPerSecond", "accepted messages per second"),
            new("latencyMilliseconds.p50", "from MAIL to the final answer: half are faster"), new("latencyMilliseconds.p95", "19 of 20"), new("latencyMilliseconds.p99", "99 of 100"), new("latencyMilliseconds.max", "the slowest"),
            new("serverCpuMillisecondsPerMessage", "processor time of the server; null where its process is not known"), new("firstRefusal", "the first answer that was not 250, or null"),
        ],
    };
}
