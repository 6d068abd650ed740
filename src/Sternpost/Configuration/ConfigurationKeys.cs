using System.Globalization;
using Sternpost.Abuse.Limits;
using Sternpost.Filter;
using Sternpost.Filter.Attachments;
using Sternpost.Malware;

namespace Sternpost.Configuration;

/// <summary>The one table of settings. Validation, the template <c>setup</c> writes and docs/configuration.md are made from it.</summary>
internal static class ConfigurationKeys
{
    /// <summary>Sections in the order of the file, each with its introduction.</summary>
    public static IReadOnlyList<(string Section, string Introduction)> Sections { get; } =
    [
        ("server", "Who this server is."),
        .. Listeners().Select(listener => ("listeners." + listener.Name, listener.Introduction)),
        ("tls", "A certificate of your own that every listener shows; 'setup' makes a first one. New files are noticed within seconds. Relative paths start at the data folder."),
        ("acme", "Certificates from an authority such as Let's Encrypt, ordered and renewed by the server itself (ACME, RFC 8555). See docs/operations/certificates.md."),
        ("limits", "What one peer may take. Peers over a limit are told so and may come back; nothing here loses mail."),
        ("filter", "The spam filter. A score is the sum of all findings in log-odds of spam: 0 is undecided, 4.6 is 99 %."),
        ("malware", "The virus scanner: ClamAV's daemon, or any other by ICAP (RFC 3507). Mail from users is scanned as well as mail to them."),
        ("attachments", "Dangerous attachments, with or without a scanner. \"score\" weighs them among all findings, \"allow\" does not look, \"strip\" takes the attachment out and says so, \"quarantine\" holds the message, \"reject\" refuses it."),
        ("quarantine", "Mail that is held for somebody to look at: see 'sternpost quarantine'."),
        ("content_filter", "Where mail goes on that another server hands to listeners.content_filter: Postfix's content_filter, or anything that uses Amavis by SMTP or LMTP."),
        ("gateway", "Domains that other servers hold and that this one stands in front of: Exchange, Microsoft 365, Google Workspace, Postfix, any. See docs/operations."),
        ("sending", "What accounts and domains may send; 0 means no limit. The four figures here count recipients outside this server."),
        ("abuse", "What is done where somebody else seems to use an account. docs/limits.md tells what is noticed and how it is weighed."),
        ("alerts", "How the administrator is told what cannot wait: of contained accounts, held mail and attacks. Everything is in the log as well; without any of these it is only there."),
        ("sites", "Programs of this computer that send by 'sternpost sendmail': web sites, cron. Sites themselves are made with 'sternpost site'."),
        ("queue", "Outgoing mail that could not be delivered at once."),
        ("transport", "TLS between mail servers: MTA-STS (RFC 8461), DANE (RFC 7672) and TLS reports (RFC 8460)."),
        ("reports", "Reports about mail: those that others send about your domains, and those this server sends about theirs."),
        ("watch", "Looking at this server as others see it: DNS lists, reverse DNS, certificate, published records. Changes are written to postmaster and told wherever alerts go."),
        ("dns", "Name resolution."),
        ("dns.update", "The zones of your domains, where this server may change them by itself (RFC 2136): for 'sternpost dns publish' and for the change of DKIM keys."),
        ("storage", "Where mail is kept."),
        ("logging", "Log lines go to standard error, one per event, with times in UTC."),
    ];

    /// <summary>Every setting in the order of the file.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        Key("server", "hostname", ValueKinds.HostName, null, "", "The full name of this server: in greetings, in Received lines and in the names of its certificate. Its address records should point here, and the address's reverse name should be the same.",
            (to, value) => to.Server.Hostname = value!) with { Required = true, Example = "\"mail.example.com\"" },
        Key("server", "addresses", ValueKinds.Addresses, "[]", "", "The addresses the world reaches this server by, for the DNS records to publish; empty looks up the host name. Needed only behind a router or provider that translates addresses.", (to, value) => to.Server.Addresses = value),

        .. Listeners().SelectMany(ListenerKeys),

        Key("tls", "certificate", ValueKinds.Text, "\"tls/certificate.pem\"", "", "PEM file with the certificate and the chain behind it.", (to, value) => to.Tls.Certificate = value),
        Key("tls", "key", ValueKinds.Text, "\"tls/key.pem\"", "", "PEM file with the private key; readable by the server alone.", (to, value) => to.Tls.Key = value),

        Key("acme", "accept_terms", ValueKinds.Toggle, "false", "", "Whether certificates are ordered. True says that you accept the authority's terms of service, whose address 'sternpost certificate terms' prints.", (to, value) => to.Acme.AcceptTerms = value),
        Key("acme", "directory", ValueKinds.HttpsAddress, $"\"{LetsEncrypt}\"", "", "The authority: the address of its ACME directory.", (to, value) => to.Acme.Directory = value),
        Key("acme", "contact", ValueKinds.MailAddresses, "[]", "", "Addresses at which the authority may write to you. Not needed.", (to, value) => to.Acme.Contact = value),
        Key("acme", "names", ValueKinds.HostNames, "[]", "", "Names of this server beside server.hostname that its certificate is for, for example [\"imap.example.com\"]. The policy and settings hosts of its domains (mta-sts, autoconfig) have certificates of their own without being named.", (to, value) => to.Acme.Names = value),
        Key("acme", "challenges", ValueKinds.Challenges, "[]", "", "How names are proved, the preferred way first: \"http-01\" (the authority looks at port 80), \"tls-alpn-01\" (port 443), \"dns-01\" (a record, by [dns.update]). Empty takes all that this server can answer, in this order.", (to, value) => to.Acme.Challenges = value),
        Key("acme", "profile", ValueKinds.Text, "\"\"", "", "One of the kinds of certificate the authority offers, by its name, for example \"shortlived\"; empty for its usual one.", (to, value) => to.Acme.Profile = value),
        Key("acme", "authority_file", ValueKinds.Text, "\"\"", "", "PEM file of the certificates by which the authority's own HTTPS is believed, for an authority inside a company; empty for those this computer believes.", (to, value) => to.Acme.AuthorityFile = value),
        Key("acme", "key_id", ValueKinds.Text, "\"\"", "", "For authorities that give accounts out on their web site (external account binding): the account's key id.", (to, value) => to.Acme.KeyId = value),
        Key("acme", "mac_key_file", ValueKinds.SecretFile, null, "", "File with that account's secret in base64, as the authority shows it; one line, readable by the server alone.", (to, value) => to.Acme.MacKey = value) with { Example = "\"/etc/sternpost/acme-secret\"" },

        Key("limits", "message_size", ValueKinds.Size, "\"50MB\"", "", "Largest message accepted, as announced by SIZE.", (to, value) => to.Limits.MessageSize = value),
        Key("limits", "recipients", ValueKinds.Count(100, 10000), "100", "recipients", "Most recipients of one message. RFC 5321 asks for at least 100.", (to, value) => to.Limits.Recipients = value),
        Key("limits", "connections", ValueKinds.Count(1, 100000), "2000", "connections", "Most connections at once, all listeners together.", (to, value) => to.Limits.Connections = value),
        Key("limits", "connections_per_address", ValueKinds.Count(1, 100000), "20", "connections", "Most connections at once from one address (an IPv6 /64 counts as one).", (to, value) => to.Limits.ConnectionsPerAddress = value),
        Key("limits", "connections_per_network", ValueKinds.Count(1, 100000), "100", "connections", "Most connections at once from one network (IPv4 /24, IPv6 /48).", (to, value) => to.Limits.ConnectionsPerNetwork = value),
        Key("limits", "connections_per_minute", ValueKinds.Count(1, 100000), "120", "connections per minute", "Most new connections in a minute from one address.", (to, value) => to.Limits.ConnectionsPerMinute = value),
        Key("limits", "messages_per_connection", ValueKinds.Count(1, 1000000), "1000", "messages", "After so many messages a connection is closed with a request to open another.", (to, value) => to.Limits.MessagesPerConnection = value),
        Key("limits", "errors_per_connection", ValueKinds.Count(1, 1000), "10", "errors", "After so many errors a connection is closed.", (to, value) => to.Limits.ErrorsPerConnection = value),
        Key("limits", "exempt", ValueKinds.Networks, "[]", "", "Networks for which the limits on connections do not hold, for example your monitoring.", (to, value) => to.Limits.Exempt = value),
        Key("limits", "import_from", ValueKinds.Networks, "[]", "", "Networks beside the internet from which users may bring mail over IMAP by the webmail's settings, for example an old server in your own network.", (to, value) => to.Limits.ImportFrom = value),
        Key("limits", "proxy_from", ValueKinds.Networks, "[]", "", "Networks of load balancers. From them, and only from them, PROXY protocol v2 headers are read; they must then send one.", (to, value) => to.Limits.ProxyFrom = value),

        Key("filter", "junk_at", ValueKinds.Number, Number(FilterOptions.DefaultJunkThreshold), "log-odds", "From this score on a message goes to the Junk folder.", (to, value) => to.Filter.JunkAt = value),
        Key("filter", "reject_at", ValueKinds.Number, Number(FilterOptions.DefaultRejectThreshold), "log-odds", "From this score on a message is refused while the sender is still connected, with the reason.", (to, value) => to.Filter.RejectAt = value),
        Key("filter", "refuse", ValueKinds.Toggle, "true", "", "Whether mail may be refused. Where false, what would be refused goes to the Junk folder instead: to watch the filter before trusting it.", (to, value) => to.Filter.Refuse = value),
        Key("filter", "weights", ValueKinds.Weights, "[]", "", "Weights in place of the shipped ones, for example [\"SPF_FAIL=2.0\", \"STATISTICS=0.9\"]. A symbol whose evidence is graded keeps its grades in proportion; one without a usual weight is multiplied. Try them first with 'sternpost replay'; docs/symbols.md lists the symbols.", (to, value) => to.Filter.Weights = value),
        Key("filter", "keep_findings", ValueKinds.Duration, "\"30d\"", "", "How long the findings of judged messages are kept, for 'sternpost replay', for the nightly proposal and for what is learned of campaigns. \"0d\" keeps none.", (to, value) => to.Filter.KeepFindings = value),
        Key("filter", "traps", ValueKinds.MailAddresses, "[]", "", "Addresses here, accounts or aliases, that nobody uses and nobody ever wrote from. What comes to them is held against its sender.", (to, value) => to.Filter.Traps = value),
        Key("filter", "greylist", ValueKinds.Toggle, "true", "", "Whether clients that nobody here knows, whose sender nothing proves and about which something is odd are asked to come back once. Login codes, answers and everybody who proves who he is are never delayed.", (to, value) => to.Filter.Greylist = value),
        Key("filter", "greylist_delay", ValueKinds.Duration, "\"2m\"", "", "How long they have to wait at least.", (to, value) => to.Filter.GreylistDelay = value),
        Key("filter", "after_delivery", ValueKinds.Toggle, "true", "", "Whether delivered copies that nobody has read, flagged or answered move to Junk within three days when evidence turns. 'sternpost after-delivery' lists and undoes that.", (to, value) => to.Filter.AfterDelivery = value),
        Key("filter", "mail_bomb", ValueKinds.Count(0, 100000), FilterOptions.DefaultMailBomb.ToString(CultureInfo.InvariantCulture), "messages per hour", "From so many sign-up letters of strangers within an hour an account counts as being bombed: further ones go to Junk, and its owner is told. 0 turns that off.", (to, value) => to.Filter.MailBomb = value),
        Key("filter", "address_lists", ValueKinds.DomainNames, "[]", "", "DNS blocklists of client addresses, for example [\"zen.spamhaus.org\"]. Their terms of use are between you and them; they answer only resolvers of your own.", (to, value) => to.Filter.AddressLists = value),
        Key("filter", "domain_lists", ValueKinds.DomainNames, "[]", "", "DNS blocklists of sender domains, for example [\"dbl.spamhaus.org\"].", (to, value) => to.Filter.DomainLists = value),
        Key("filter", "hash_lists", ValueKinds.DomainNames, "[]", "", "DNS blocklists of hashes of addresses, for example [\"ebl.msbl.org\"], asked about From, Reply-To and the addresses that links lead to.", (to, value) => to.Filter.HashLists = value),
        Key("filter", "list_keys_file", ValueKinds.Text, "\"\"", "", "File with the keys by which vendors of DNS lists know who asks, one a line: a list's zone as above, white space, the key. The key is put before the zone in each question and shown nowhere.", (to, value) => to.Filter.ListKeysFile = value),
        Key("filter", "allow", ValueKinds.LocalList, "[]", "", "Networks, domains (with their subdomains) and addresses whose mail is wanted. A domain or an address helps only mail that passes DMARC for it, because anybody can write a name.", (to, value) => to.Filter.Allow = value),
        Key("filter", "deny", ValueKinds.LocalList, "[]", "", "Networks, domains and addresses whose mail is refused, whatever it says.", (to, value) => to.Filter.Deny = value),
        Key("filter", "composites", ValueKinds.Composites, "[]", "", "Symbols of your own made of others: \"NAME weight expression ; meaning.\", for example [\"INVOICE_FROM_STRANGER 1.5 FIRST_CONTACT & ATTACHMENT_EXECUTABLE & !DMARC_PASS ; A stranger sends a program.\"]. In an expression stand symbols, & | ! and brackets, and comparisons with the weight found, as in STATISTICS > 2.", (to, value) => to.Filter.Composites = value),
        Key("filter", "trusted_forwarders", ValueKinds.DomainNames, "[]", "", "Forwarders whose mail is not held to its author's DMARC policy, by the domain of their confirmed reverse name or of the bounce address that SPF proves.", (to, value) => to.Filter.TrustedForwarders = value),
        Key("filter", "trusted_sealers", ValueKinds.DomainNames, "[]", "", "Domains whose ARC seals are believed: mail that they sealed as authentic is not held to its author's DMARC policy. Anybody can seal, so name only those whose checks you trust.", (to, value) => to.Filter.TrustedSealers = value),
        Key("filter", "dkim2", ValueKinds.Toggle, "false", "", "Whether DKIM2 is verified and its result written into Authentication-Results. It is a draft of the IETF (draft-ietf-dkim-dkim2-spec-05) and weighs nothing.", (to, value) => to.Filter.Dkim2 = value),
        Key("filter", "model", ValueKinds.Text, "\"\"", "", "Model file made by 'sternpost train'; empty for the one shipped.", (to, value) => to.Filter.Model = value),
        Key("filter", "spamassassin_rules", ValueKinds.Texts, "[]", "", "Folders of SpamAssassin rule files (.cf and .pre) to judge with as well, for example [\"/usr/share/spamassassin\", \"/etc/spamassassin\"]; later ones replace what earlier ones say. docs/spamassassin.md tells what of them is used.", (to, value) => to.Filter.SpamAssassinRules = value),
        Key("filter", "spamassassin_weight", ValueKinds.Number, Number(FilterOptions.DefaultRuleWeight), "log-odds per point", "What a point of those rules counts. With the default, SpamAssassin's 5 points are the default of junk_at.", (to, value) => to.Filter.SpamAssassinWeight = value),
        Key("filter", "consult", ValueKinds.Consulted, "[]", "", "Filters of other makers to consult, each as one more judge: how it is asked, where, and what its word counts in log-odds where it would just mark the message, for example [\"spamd:127.0.0.1:783 2.0\", \"rspamd:127.0.0.1:11333 2.0\", \"milter:/run/x/milter.sock 1.5\", \"amavis:/var/lib/amavis/amavisd.sock 2.0\"]. One that fails or is late has said nothing.", (to, value) => to.Filter.Consult = value),
        Key("filter", "deadline", ValueKinds.Duration, "\"10s\"", "", "How long all judges together may take. A judge that is late counts nothing and delays nothing further.", (to, value) => to.Filter.Deadline = value),

        Key("malware", "scanners", ValueKinds.Scanners, "[]", "", "Scanners, the preferred one first: \"clamd:/run/clamav/clamd.ctl\", \"clamd:127.0.0.1:3310\" or \"icap://127.0.0.1:1344/avscan\". The next is asked where one does not answer; empty for none.", (to, value) => to.Malware.Scanners = value),
        Key("malware", "found", ValueKinds.Choice("reject", "quarantine"), "\"reject\"", "", "What happens to a message with malware.", (to, value) => to.Malware.Found = value),
        Key("malware", "unavailable", ValueKinds.Choice("defer", "quarantine", "pass"), "\"defer\"", "", "What happens while no scanner answers. \"defer\" asks the sender's server to keep the message and try again: nothing is lost, and nothing is delivered unscanned.", (to, value) => to.Malware.Unavailable = value),
        Key("malware", "too_large", ValueKinds.Choice("quarantine", "pass"), "\"quarantine\"", "", "What happens to a message larger than the scanner takes.", (to, value) => to.Malware.TooLarge = value),
        Key("malware", "timeout", ValueKinds.Duration, "\"2m\"", "", "How long one scanner may take for one message.", (to, value) => to.Malware.Timeout = value),
        Key("malware", "max_size", ValueKinds.Size, "\"100MB\"", "", "Largest message given to the scanner; clamd's StreamMaxLength should be as large.", (to, value) => to.Malware.MaxSize = value),

        Key("attachments", "programs", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Programs and scripts inside archives, or under names that hide what they are.", (to, value) => to.Attachments.Actions[DangerKind.Program] = ActionOf(value)),
        Key("attachments", "shortcuts", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Shortcuts (.lnk, .url) inside archives or by their content.", (to, value) => to.Attachments.Actions[DangerKind.Shortcut] = ActionOf(value)),
        Key("attachments", "disk_images", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Disk images (.iso, .img, .vhd) by their content or inside archives.", (to, value) => to.Attachments.Actions[DangerKind.DiskImage] = ActionOf(value)),
        Key("attachments", "macros", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Office documents with macros.", (to, value) => to.Attachments.Actions[DangerKind.Macro] = ActionOf(value)),
        Key("attachments", "auto_macros", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Office documents whose macros start by themselves and reach for programs or the network.", (to, value) => to.Attachments.Actions[DangerKind.AutoMacro] = ActionOf(value)),
        Key("attachments", "active_objects", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Office documents that carry a program or load something from elsewhere.", (to, value) => to.Attachments.Actions[DangerKind.EmbeddedObject] = ActionOf(value)),
        Key("attachments", "encrypted", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Archives and documents that are encrypted.", (to, value) => to.Attachments.Actions[DangerKind.Encrypted] = ActionOf(value)),
        Key("attachments", "password_in_message", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Encrypted archives whose password stands in the message; they are opened with it.", (to, value) => to.Attachments.Actions[DangerKind.PasswordInMessage] = ActionOf(value)),
        Key("attachments", "html_smuggling", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Attached pages that put a file together on the reader's computer.", (to, value) => to.Attachments.Actions[DangerKind.HtmlSmuggling] = ActionOf(value)),
        Key("attachments", "script_in_images", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "SVG images with script.", (to, value) => to.Attachments.Actions[DangerKind.ScriptInImage] = ActionOf(value)),
        Key("attachments", "active_pdf", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "PDFs that run script or start programs.", (to, value) => to.Attachments.Actions[DangerKind.ActivePdf] = ActionOf(value)),
        Key("attachments", "disguised_names", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "Names written backwards in part.", (to, value) => to.Attachments.Actions[DangerKind.DisguisedName] = ActionOf(value)),
        Key("attachments", "bombs", ValueKinds.Choice("score", "allow", "strip", "quarantine", "reject"), "\"score\"", "", "What unpacks to more than is looked at.", (to, value) => to.Attachments.Actions[DangerKind.Bomb] = ActionOf(value)),
        Key("attachments", "blocklist", ValueKinds.Text, "\"\"", "", "File with SHA-256 hashes of unwanted files, one a line with a remark behind it; mail with one of them is refused. Files inside archives are looked up, too.", (to, value) => to.Attachments.Blocklist = value),

        Key("quarantine", "keep", ValueKinds.Duration, "\"30d\"", "", "How long a message is held before it is deleted.", (to, value) => to.Quarantine.Keep = value),
        Key("quarantine", "digest", ValueKinds.Duration, "\"1d\"", "", "How often users are told by mail what is held for them; \"0s\" for never.", (to, value) => to.Quarantine.Digest = value),
        Key("quarantine", "users_release", ValueKinds.Toggle, "true", "", "Whether that mail has links by which users release messages themselves. Never messages in which malware was found.", (to, value) => to.Quarantine.UsersRelease = value),
        Key("quarantine", "users_release_except", ValueKinds.LocalList, "[]", "", "Domains and addresses whose users may not, or, where users_release is false, the only ones who may.", (to, value) => to.Quarantine.UsersReleaseExcept = value),

        Key("content_filter", "next_hop", ValueKinds.NextHop, "\"127.0.0.1:10025\"", "", "Address and port of the server that takes judged mail by SMTP. A message is acknowledged when it has acknowledged it.", (to, value) => to.ContentFilter.NextHop = value),
        Key("content_filter", "refuse", ValueKinds.Toggle, "false", "", "Whether what must be refused is refused to the server in front. Behind its queue that server would then write to senders who are as a rule forged, so by default such mail is marked (X-Spam-Flag, X-Sternpost-Verdict) and passed on. Set it to true where the server in front asks before it accepts (smtpd_proxy_filter).", (to, value) => to.ContentFilter.Refuse = value),

        Key("gateway", "domains", ValueKinds.GatewayRoutes, "[]", "", "Each domain with the server that holds it and how TLS is used with that server: \"example.com 192.0.2.25:25 verified\". TLS is opportunistic, required (any certificate), verified (the certificate must name the host) or none; opportunistic where nothing is said.", (to, value) => to.Gateway.Domains = value),
        Key("gateway", "verify", ValueKinds.Choice("callout", "ldap", "list", "none"), "\"callout\"", "", "How recipients are verified before mail is taken: by asking the server behind, in a directory, by a file, or not at all, which makes bounces to senders who are as a rule forged.", (to, value) => to.Gateway.Verify = value),
        Key("gateway", "recipients_file", ValueKinds.Text, "\"\"", "", "With verify = \"list\": a file of addresses, one a line, @example.com for all of a domain. It is read again when it changes.", (to, value) => to.Gateway.RecipientsFile = value),
        Key("gateway", "relay_from", ValueKinds.Networks, "[]", "", "Servers behind, whose outgoing mail is taken at the mx listener, scanned, signed with DKIM where the author's domain has a key here, and sent.", (to, value) => to.Gateway.RelayFrom = value),
        Key("gateway", "relay_per_hour", ValueKinds.Count(0, 10000000), "1000", "recipients per hour", "Recipients outside that one of those servers may write to in an hour; 0 means no limit.", (to, value) => to.Gateway.RelayPerHour = value),
        Key("gateway", "ca_file", ValueKinds.Text, "\"\"", "", "PEM file with certificate authorities of your own network, trusted beside the system's by what asks servers behind by IMAP and LDAP.", (to, value) => to.Gateway.CaFile = value),
        Key("gateway", "ldap_servers", ValueKinds.LdapServers, "[]", "", "With verify = \"ldap\": directory servers with the same entries, such as \"ldaps://dc1.example.com\" or \"ldap://dc2.example.com:389\". Where one does not answer the next is asked; where none does, mail for recipients not seen lately waits at its senders.", (to, value) => to.Gateway.LdapServers = value),
        Key("gateway", "ldap_starttls", ValueKinds.Toggle, "true", "", "Whether a connection to an ldap:// server must turn to TLS before anything is said, the password too. With false all of it goes in clear.", (to, value) => to.Gateway.LdapStartTls = value),
        Key("gateway", "ldap_base", ValueKinds.Text, "\"\"", "", "The entry below which recipients are, such as \"dc=example,dc=com\".", (to, value) => to.Gateway.LdapBase = value),
        Key("gateway", "ldap_filter", ValueKinds.LdapFilter, "\"(|(mail={address})(proxyAddresses=smtp:{address}))\"", "", "Who is a recipient (RFC 4515); {address}, {local} and {domain} stand for the address that is asked about. The second half is for Exchange and Active Directory.", (to, value) => to.Gateway.LdapFilter = value),
        Key("gateway", "ldap_bind_dn", ValueKinds.Text, "\"\"", "", "Whom to sign in as; a user that may read addresses and nothing more. Empty asks anonymously.", (to, value) => to.Gateway.LdapBindName = value),
        Key("gateway", "ldap_password_file", ValueKinds.SecretFile, null, "", "File whose first line is that user's password.", (to, value) => to.Gateway.LdapPassword = value) with { Example = "\"/etc/sternpost/ldap-password\"" },
        Key("gateway", "ldap_timeout", ValueKinds.Duration, "\"5s\"", "", "Patience with one directory server, from the connection to the answer.", (to, value) => to.Gateway.LdapTimeout = value),
        Key("gateway", "junk_imap", ValueKinds.JunkServers, "[]", "", "Domains behind whose users teach the filter by moving mail into and out of Junk, each with its IMAP server and how TLS begins there: \"example.com imap.example.com:993 tls\". TLS is tls (from the start) or starttls; a server without is not asked.", (to, value) => to.Gateway.JunkImap = value),
        Key("gateway", "junk_logins_file", ValueKinds.Text, "\"\"", "", "With junk_imap: a file of logins, one a line: a mailbox, or @domain for all of a domain; the name to sign in with, in which {address}, {local} and {domain} stand for the mailbox's; the password, which is the rest of the line. Nobody but the server should be able to read it. It is read again in each round.", (to, value) => to.Gateway.JunkLoginsFile = value),
        Key("gateway", "junk_folder", ValueKinds.Text, "\"\"", "", "Name of the Junk folder on that server; empty for the one it says is for junk, or that has a usual name for it.", (to, value) => to.Gateway.JunkFolder = value),
        Key("gateway", "junk_every", ValueKinds.Duration, "\"10m\"", "", "Time between two looks into those folders.", (to, value) => to.Gateway.JunkEvery = value),

        Key("sending", "dkim_rotate_after", ValueKinds.Duration, "\"180d\"", "", "How long a DKIM key signs before its successor is made. It is published first ('sternpost dns show'), signs once it has been seen in DNS for two days, and the old one is revoked a month later. Without publishing it nothing changes. \"0d\" makes none.", (to, value) => to.Sending.DkimRotateAfter = value),
        Key("sending", "account_per_hour", ValueKinds.Count(0, 10000000), "200", "recipients per hour", "Per account.", (to, value) => to.Sending.AccountPerHour = value),
        Key("sending", "account_per_day", ValueKinds.Count(0, 10000000), "1000", "recipients per day", "Per account.", (to, value) => to.Sending.AccountPerDay = value),
        Key("sending", "domain_per_hour", ValueKinds.Count(0, 10000000), "2000", "recipients per hour", "Per domain.", (to, value) => to.Sending.DomainPerHour = value),
        Key("sending", "domain_per_day", ValueKinds.Count(0, 10000000), "10000", "recipients per day", "Per domain.", (to, value) => to.Sending.DomainPerDay = value),
        Key("sending", "limits", ValueKinds.LimitRules, "[]", "", $"Further limits, or other figures for the standard ones: \"LAYER LIMIT soft N hard N\", for example [\"account new-per-hour soft 20 hard 100\"]; 0 is no limit. LAYER is {string.Join(", ", SendingLayer.Kinds)}; LIMIT is {string.Join(", ", LimitName.All)}. Beyond soft mail is accepted and held, beyond hard it is refused. Standard: {string.Join("; ", SendingLimitOptions.StandardRules)}. 'sternpost limit set' changes them for single accounts and domains; docs/limits.md explains all.", (to, value) => to.Sending.Limits = value),

        Key("abuse", "hold_unusual", ValueKinds.Toggle, "true", "", "Whether mail that is unusual for its sender (from a network it was never used from, to people it never wrote to, more than ever) is held once the sender's trust is spent. Nothing is refused for that.", (to, value) => to.Abuse.HoldUnusual = value),
        Key("abuse", "silence", ValueKinds.Duration, "\"4h\"", "", "How long such mail waits before it goes on by itself, where nothing bad was heard meanwhile.", (to, value) => to.Abuse.Silence = value),
        Key("abuse", "contain", ValueKinds.Toggle, "true", "", "Whether an account is contained at a certain sign without asking. Where false, the administrator is only told; 'sternpost account contain' does it.", (to, value) => to.Abuse.Contain = value),
        Key("abuse", "sign_in_lists", ValueKinds.DomainNames, "[]", "", "DNS lists of addresses that attack sign-ins, for example [\"authbl.example.net\"]. A sign-in from there, and never from there before, costs the account half of its trust and is told.", (to, value) => to.Abuse.SignInLists = value),

        Key("alerts", "mail", ValueKinds.MailAddresses, "[]", "", "Addresses to write to. Best one elsewhere: who cannot reach this server must hear of it too.", (to, value) => to.Alerts.Mail = value),
        Key("alerts", "webhook", ValueKinds.AlertAddress, "\"\"", "", "Web address that takes a JSON object for each alert, with the keys kind, subject, body, host and at. Redirects are not followed.", (to, value) => to.Alerts.Webhook = value),
        Key("alerts", "webhook_token_file", ValueKinds.SecretFile, null, "", "File whose first line is a bearer token for it.", (to, value) => to.Alerts.WebhookToken = value) with { Example = "\"/etc/sternpost/webhook-token\"" },
        Key("alerts", "ntfy", ValueKinds.AlertAddress, "\"\"", "", "A topic of an ntfy server, for example \"https://ntfy.example.com/mail\".", (to, value) => to.Alerts.Ntfy = value),
        Key("alerts", "ntfy_token_file", ValueKinds.SecretFile, null, "", "File whose first line is an access token for it.", (to, value) => to.Alerts.NtfyToken = value) with { Example = "\"/etc/sternpost/ntfy-token\"" },
        Key("alerts", "syslog", ValueKinds.SyslogTarget, "\"\"", "", "Syslog receiver (RFC 5424): a socket such as \"/dev/log\" or a host such as \"udp://192.0.2.1:514\".", (to, value) => to.Alerts.Syslog = value),

        Key("sites", "socket", ValueKinds.Text, "\"\"", "", "Path of the socket at which 'sternpost sendmail' hands over mail, usually /run/sternpost/sendmail.sock; empty for none. Its folder must exist and be writable by this server and open to those who send.", (to, value) => to.Sites.Socket = value),
        Key("sites", "spool", ValueKinds.Text, "\"\"", "", "Folder in which their mail waits while this server is down, usually /var/spool/sternpost; empty for none. It is made with mode 3733: everybody may put something in, only this server sees what is there.", (to, value) => to.Sites.Spool = value),

        Key("queue", "retry", ValueKinds.Durations, "[\"1m\", \"5m\", \"15m\", \"30m\", \"1h\", \"2h\", \"4h\"]", "", "Waits between attempts; the last is repeated. Each is varied a little so that not all come at once.", (to, value) => to.Queue.Retry = value),
        Key("queue", "warn_after", ValueKinds.Duration, "\"4h\"", "", "When the sender is told that a message is still waiting.", (to, value) => to.Queue.WarnAfter = value),
        Key("queue", "give_up_after", ValueKinds.Duration, "\"5d\"", "", "When the sender is told that a message could not be delivered.", (to, value) => to.Queue.GiveUpAfter = value),
        Key("queue", "concurrency", ValueKinds.Count(1, 10000), "50", "deliveries", "Most deliveries at once.", (to, value) => to.Queue.Concurrency = value),
        Key("queue", "concurrency_per_destination", ValueKinds.Count(1, 1000), "10", "deliveries", "Most deliveries at once to one domain; begins lower and grows while the destination answers well.", (to, value) => to.Queue.ConcurrencyPerDestination = value),
        Key("queue", "keep_connections", ValueKinds.Toggle, "true", "", "Whether a small process of its own holds the connections to other servers. Should the server be killed, it still hears which messages they took, so that those are not sent twice.", (to, value) => to.Queue.KeepConnections = value),
        Key("queue", "smarthost", ValueKinds.HostName, null, "", "Relay that takes all outgoing mail, where this server may not send by itself.", (to, value) => to.Queue.Smarthost = value) with { Example = "\"relay.example.net\"" },
        Key("queue", "smarthost_port", ValueKinds.Count(1, 65535), "587", "", "Port of the relay.", (to, value) => to.Queue.SmarthostPort = value),
        Key("queue", "smarthost_tls", ValueKinds.Choice("starttls", "implicit", "none"), "\"starttls\"", "", "How TLS begins with the relay; its certificate is always verified. \"none\" sends in clear and never with a password.", (to, value) => to.Queue.SmarthostTls = value),
        Key("queue", "smarthost_user", ValueKinds.Text, "\"\"", "", "Name to sign in with at the relay; empty for none.", (to, value) => to.Queue.SmarthostUser = value),
        Key("queue", "smarthost_password_file", ValueKinds.SecretFile, null, "", "File whose first line is the relay's password.", (to, value) => to.Queue.SmarthostPassword = value) with { Example = "\"/etc/sternpost/relay-password\"" },
        Key("queue", "smarthost_password", ValueKinds.SecretVariable, null, "", "Environment variable that holds the relay's password. The password itself is refused here.", (to, value) => to.Queue.SmarthostPassword = value) with { Example = "\"env:RELAY_PASSWORD\"" },

        Key("queue", "routes", ValueKinds.Routes, "[]", "", "Destinations that mail reaches another way than DNS says: \"DOMAIN=TARGET, TARGET\", tried in order while one takes none for now. A target is a host, host:port (465 means TLS at once), or mx for the servers that DNS names, for example [\"example.net=relay.example.net:587,mx\"]. They go before the smarthost.", (to, value) => to.Queue.Routes = value),
        Key("queue", "fallback_relay", ValueKinds.Relay, null, "", "Host or host:port that takes what the servers of a destination do not take for now. Unset, such mail waits.", (to, value) => to.Queue.FallbackRelay = value) with { Example = "\"relay.example.net:587\"" },
        Key("queue", "source_addresses", ValueKinds.Addresses, "[]", "", "Addresses of this machine that mail leaves by; empty lets the system choose. Each needs its reverse name and its place in SPF.", (to, value) => to.Queue.SourceAddresses = value),
        Key("queue", "warming_addresses", ValueKinds.Addresses, "[]", "", "Source addresses that are new at sending mail. They carry 50 messages on the first day and twice as many on each of the next 13; source_addresses carry the rest.", (to, value) => to.Queue.WarmingAddresses = value),
        Key("queue", "risky_addresses", ValueKinds.Addresses, "[]", "", "Source addresses of risky mail alone: what aliases pass on, notifications, and mail of new accounts. What it does to their reputation the others do not feel. Empty sends it like the rest.", (to, value) => to.Queue.RiskyAddresses = value),
        Key("queue", "risky_relay", ValueKinds.Relay, null, "", "Host or host:port that takes risky mail instead.", (to, value) => to.Queue.RiskyRelay = value) with { Example = "\"relay.example.net:587\"" },
        Key("queue", "new_sender_for", ValueKinds.Duration, "\"14d\"", "", "How long an account counts as new, and its mail as risky.", (to, value) => to.Queue.NewSenderFor = value),
        Key("queue", "forward_below", ValueKinds.Number, Number(1.5), "log-odds", "Aliases pass a message on to an address elsewhere only below this score: forwarded spam counts against this server. What is not passed on is refused, or kept where the alias has a mailbox here too.", (to, value) => to.Queue.ForwardBelow = value),
        Key("queue", "suppress_after", ValueKinds.Count(0, 100), "2", "bounces", "After so many bounces for good, at least an hour apart, an address elsewhere is not written to: users are told at once. 0 turns that off. See 'sternpost suppression'.", (to, value) => to.Queue.SuppressAfter = value),
        Key("queue", "suppress_for", ValueKinds.Duration, "\"30d\"", "", "For how long.", (to, value) => to.Queue.SuppressFor = value),
        Key("queue", "bounce_tags", ValueKinds.Choice("off", "tag", "refuse"), "\"off\"", "", "Whether the reverse-path of users' mail gets a tag (BATV), and bounces without one, which are of mail forged in your name, are refused. \"refuse\" begins to refuse ten days after tagging began; postmaster, abuse and the report address take every bounce. Some mailing lists know their members by the reverse-path: name them in no_bounce_tags_to.", (to, value) => to.Queue.BounceTags = value),
        Key("queue", "no_bounce_tags_to", ValueKinds.DomainNames, "[]", "", "Domains that mail goes to without a tag.", (to, value) => to.Queue.NoBounceTagsTo = value),

        Key("transport", "obey_mta_sts", ValueKinds.Toggle, "true", "", "Whether MTA-STS policies of destinations are fetched and obeyed: mail waits rather than go to a server that does not prove itself.", (to, value) => to.Transport.ObeyMtaSts = value),
        Key("transport", "obey_dane", ValueKinds.Toggle, "true", "", "Whether TLSA records of destinations are obeyed. Needs a resolver that validates DNSSEC, on 127.0.0.1 or named in dns.trusted; without one nothing is found to obey.", (to, value) => to.Transport.ObeyDane = value),
        Key("transport", "report", ValueKinds.Toggle, "true", "", "Whether destinations that ask for it are told daily how often TLS with them came up and how it failed. Reports name servers and counts, never people.", (to, value) => to.Transport.Report = value),
        Key("transport", "policy_mode", ValueKinds.Choice("testing", "enforce", "none"), "\"testing\"", "", "Mode of the MTA-STS policy that is served for this server's domains at https://mta-sts.DOMAIN/.well-known/mta-sts.txt. Choose \"enforce\" when the certificate names the host and TLS reports show no failures.", (to, value) => to.Transport.PolicyMode = value),
        Key("transport", "policy_max_age", ValueKinds.Duration, "\"7d\"", "", "How long others may keep that policy. Longer protects better and makes mistakes last longer.", (to, value) => to.Transport.PolicyMaxAge = value),

        Key("reports", "mailbox", ValueKinds.LocalPart, "\"postmaster\"", "", "Local-part at each of your domains to which reports are asked for, in the records that 'sternpost dns show' prints. Reports to it are read and kept for 'sternpost report'; the mail is delivered all the same.", (to, value) => to.Reports.Mailbox = value),
        Key("reports", "keep", ValueKinds.Duration, "\"400d\"", "", "How long received reports are kept.", (to, value) => to.Reports.Keep = value),
        Key("reports", "send_dmarc", ValueKinds.Toggle, "true", "", "Whether domains that ask for it are told once a day how mail in their name came out here (DMARC aggregate reports). They hold no addresses of people and no content.", (to, value) => to.Reports.SendDmarc = value),
        Key("reports", "dmarc_schema", ValueKinds.Choice("rfc9990", "rfc7489"), "\"rfc9990\"", "", "Form of the reports sent. The older one is for readers that have not learned the newer yet.", (to, value) => to.Reports.DmarcSchema = value),

        Key("watch", "every", ValueKinds.Duration, "\"1h\"", "", "How often; published records once a day. \"0s\" turns it off.", (to, value) => to.Watch.Every = value),

        Key("dns", "resolvers", ValueKinds.Resolvers, "[]", "", "Resolvers to ask; empty for those of the operating system. One of your own on 127.0.0.1 that validates DNSSEC is best: blocklists refuse public ones.", (to, value) => to.Dns.Resolvers = value),
        Key("dns", "trusted", ValueKinds.Addresses, "[]", "", "Resolvers, beside those on this machine, whose word on DNSSEC is believed. Only where nobody else can be on the way to them.", (to, value) => to.Dns.Trusted = value),
        Key("dns", "timeout", ValueKinds.Duration, "\"5s\"", "", "How long one question may take.", (to, value) => to.Dns.Timeout = value),

        Key("dns.update", "server", ValueKinds.Resolver, null, "", "The primary server of the zones, which takes dynamic updates signed with the key below. Unset, nothing is ever changed.", (to, value) => to.Dns.Update.Server = value) with { Example = "\"192.0.2.53\"" },
        Key("dns.update", "key", ValueKinds.HostName, null, "", "Name of the key (TSIG, RFC 8945), as the server knows it.", (to, value) => to.Dns.Update.Key = value) with { Example = "\"sternpost.example.com\"" },
        Key("dns.update", "algorithm", ValueKinds.Choice("hmac-sha256", "hmac-sha384", "hmac-sha512"), "\"hmac-sha256\"", "", "The key's algorithm.", (to, value) => to.Dns.Update.Algorithm = value),
        Key("dns.update", "secret_file", ValueKinds.SecretFile, null, "", "File whose first line is the key's secret in base64.", (to, value) => to.Dns.Update.Secret = value) with { Example = "\"/etc/sternpost/dns-key\"" },

        Key("storage", "quota", ValueKinds.Size, "\"0B\"", "", "Quota of new accounts; 0 means no limit.", (to, value) => to.Storage.Quota = value),
        Key("storage", "keep_traces", ValueKinds.Duration, "\"30d\"", "", "How long 'sternpost trace' can tell what became of a message. Only who wrote to whom, the subject and what happened are kept, not the text.", (to, value) => to.Storage.KeepTraces = value),

        Key("logging", "level", ValueKinds.Choice("trace", "debug", "information", "warning", "error"), "\"information\"", "", "Least level that is written.", (to, value) => to.Logging.Level = value),
    ];

    private static IReadOnlyList<ListenerKind> Listeners() =>
    [
        new("mx", 25, to => to.Mx, "Mail from other servers (SMTP)."),
        new("submission", 587, to => to.Submission, "Mail from users' programs, TLS by STARTTLS."),
        new("submissions", 465, to => to.Submissions, "Mail from users' programs, TLS from the first byte (RFC 8314 prefers it)."),
        new("imap", 143, to => to.Imap, "Reading mail, TLS by STARTTLS."),
        new("imaps", 993, to => to.Imaps, "Reading mail, TLS from the first byte."),
        new("pop3", 0, to => to.Pop3, "Fetching mail by POP3, TLS by STLS. Usually on 110; off unless set."),
        new("pop3s", 995, to => to.Pop3s, "Fetching mail by POP3, TLS from the first byte."),
        new("managesieve", 4190, to => to.ManageSieve, "Users' Sieve scripts (ManageSieve), TLS by STARTTLS. Unless the port is set, it is on where IMAP is."),
        new("https", 443, to => to.Https, "Web pages and health checks (HTTPS)."),
        new("http", 80, to => to.Http, "Sends browsers on to HTTPS and answers certificate authorities; nothing else is told in clear. Where another program has the port, mail goes on without."),
        new("milter", 0, to => to.Milter, "The filter for Postfix and Sendmail (milter). Cleartext, so for this machine or a network of your own; off unless set, usually on 11332.") { Addresses = OnlyHere },
        new("spamd", 0, to => to.Spamd, "The filter for spamc, Exim and others that ask a SpamAssassin daemon. Cleartext likewise; off unless set, usually on 783.") { Addresses = OnlyHere },
        new("rspamd", 0, to => to.Rspamd, "The filter for rspamc and others that ask Rspamd by HTTP. Cleartext likewise; off unless set, usually on 11333.") { Addresses = OnlyHere },
        new("content_filter", 0, to => to.ContentFilter, "The filter as Postfix's content_filter, or in the place of Amavis: SMTP and LMTP, with XFORWARD. Whoever reaches it can send mail to the next hop; off unless set, usually on 10024.") { Addresses = OnlyHere },
    ];

    private static IEnumerable<ConfigurationKey> ListenerKeys(ListenerKind listener) =>
    [
        Key("listeners." + listener.Name, "addresses", ValueKinds.Addresses, listener.Addresses, "", "Addresses to listen on; 0.0.0.0 is all of IPv4, :: all of IPv6.", (to, value) => listener.Of(to.Listeners).Addresses = value),
        Key("listeners." + listener.Name, "port", ValueKinds.Count(0, 65535), listener.Port.ToString(), "", "TCP port; 0 turns it off.", (to, value) => listener.Of(to.Listeners).Port = value),
    ];

    private static AttachmentAction ActionOf(string word) => Enum.Parse<AttachmentAction>(word, ignoreCase: true);

    private static string Number(double value) => value.ToString("0.0#", CultureInfo.InvariantCulture);

    private static ConfigurationKey Key<T>(string section, string name, ValueKind<T> kind, string? standard, string unit, string description, Action<ServerConfiguration, T> assign) =>
        new(section, name, kind.Description, standard, unit, description, (to, value) =>
        {
            if (kind.Read(value, out var result) is { } reason) return reason;
            assign(to, result);
            return null;
        });

    private const string LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
    private const string Everywhere = "[\"0.0.0.0\", \"::\"]";
    private const string OnlyHere = "[\"127.0.0.1\"]";

    private sealed record ListenerKind(string Name, int Port, Func<ListenerSections, ListenerSection> Of, string Introduction)
    {
        public string Addresses { get; init; } = Everywhere;
    }
}
