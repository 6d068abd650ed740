using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Intake;

namespace Sternpost.Smtp.Server;

/// <summary>
/// Every reply the server can give. A refusal says why and, where the client can do something about it, what. Codes: RFC 5321 §4.2,
/// statuses: RFC 3463 and the registry of RFC 5248.
/// </summary>
internal static class Replies
{
    /// <summary>The status of a recipient nobody knows, which the session counts.</summary>
    internal const string NoSuchMailbox = "5.1.1";

    internal static readonly Reply Ok = new(250, "2.0.0", "Ok");
    internal static readonly Reply Forgotten = new(250, "2.0.0", "Ok, the transaction is forgotten");
    internal static readonly Reply SenderOk = new(250, "2.1.0", "Ok");
    internal static readonly Reply RecipientOk = new(250, "2.1.5", "Ok");
    internal static readonly Reply ChunkOk = new(250, "2.0.0", "Ok, chunk received");
    internal static readonly Reply StartMail = new(354, "", "Send the message; end it with <CRLF>.<CRLF>");
    internal static readonly Reply StartTls = new(220, "2.0.0", "Ready to start TLS");
    internal static readonly Reply Authenticated = new(235, "2.7.0", "Signed in");
    internal static readonly Reply Goodbye = new(221, "2.0.0", "Goodbye");
    // RFC 5321 §3.5.3: 252 where nothing is verified; names are not given away.
    internal static readonly Reply NotVerified = new(252, "2.5.0", "Addresses are not verified here; send and the recipient will be checked");
    internal static readonly Reply Help = new(214, "2.0.0", "This is Sternpost, an SMTP server (RFC 5321).\nCommands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP STARTTLS AUTH\nTrouble with mail to this server? Write to postmaster here; that address always exists.");

    // Lines and commands.
    internal static readonly Reply UnknownCommand = new(500, "5.5.1", "This command is not known here; HELP lists those that are");
    internal static readonly Reply LineTooLong = new(500, "5.5.2", "The command line is too long; RFC 5321 allows 512 octets");
    internal static readonly Reply BareLineEnding = new(500, "5.5.2", "Lines end with CR LF together; a CR or LF stood alone");
    internal static readonly Reply NotText = new(500, "5.5.2", "The command line holds control characters or is not UTF-8");
    internal static readonly Reply NotOffered = new(502, "5.5.1", "This command is not offered here");
    internal static readonly Reply NoArgument = new(501, "5.5.4", "This command takes no argument");
    internal static readonly Reply VrfySyntax = new(501, "5.5.4", "VRFY takes an address or a name");
    internal static readonly Reply NotHttp = new(421, "4.7.0", "This is a mail server and speaks SMTP, not HTTP");

    // HELO, EHLO.
    internal static readonly Reply HelloWithoutName = new(501, "5.5.4", "Say who you are: EHLO and the full name of your host");
    internal static readonly Reply HelloRubbish = new(501, "5.5.4", "This is no host name: a name is ASCII and has at most 255 octets");
    internal static readonly Reply HelloFirst = new(503, "5.5.1", "Say EHLO first");

    // MAIL.
    internal static readonly Reply MailSyntax = new(501, "5.5.4", "The form is: MAIL FROM:<address>");
    internal static readonly Reply SenderSyntax = new(501, "5.1.7", "The sender's address is malformed; the form is <local@domain>");
    internal static readonly Reply SenderTooLong = new(501, "5.1.7", "The sender's address is too long; RFC 5321 allows 64 octets before and 255 after the at sign, 254 in all");
    internal static readonly Reply SenderLiteral = new(553, "5.1.7", "Senders at address literals are not accepted, because answers could not be sent; use a domain name");
    internal static readonly Reply SenderNeedsSmtpUtf8 = new(553, "5.6.7", "The sender's address is not ASCII; give SMTPUTF8 with MAIL");
    internal static readonly Reply TransactionOpen = new(503, "5.5.1", "A transaction is open already; end it with DATA or RSET");
    internal static readonly Reply ParameterSyntax = new(501, "5.5.4", "A parameter is malformed");
    internal static readonly Reply ParameterTwice = new(501, "5.5.4", "A parameter is given twice");
    internal static readonly Reply ParameterWithoutEhlo = new(555, "5.5.4", "Parameters need EHLO; you said HELO");
    internal static readonly Reply SizeSyntax = new(501, "5.5.4", "SIZE takes a number of octets");
    internal static readonly Reply BodySyntax = new(501, "5.5.4", "BODY is 7BIT or 8BITMIME here");
    internal static readonly Reply ReturnSyntax = new(501, "5.5.4", "RET is FULL or HDRS");
    internal static readonly Reply EnvelopeIdSyntax = new(501, "5.5.4", "ENVID is xtext of at most 100 characters");

    // RCPT.
    internal static readonly Reply RcptSyntax = new(501, "5.5.4", "The form is: RCPT TO:<address>");
    internal static readonly Reply RecipientSyntax = new(501, "5.1.3", "The recipient's address is malformed; the form is <local@domain>");
    internal static readonly Reply RecipientTooLong = new(501, "5.1.3", "The recipient's address is too long; RFC 5321 allows 64 octets before and 255 after the at sign, 254 in all");
    internal static readonly Reply RecipientLiteral = new(550, "5.1.2", "Recipients at address literals are not served; use the domain name");
    internal static readonly Reply RecipientNeedsSmtpUtf8 = new(553, "5.6.7", "The recipient's address is not ASCII; give SMTPUTF8 with MAIL");
    internal static readonly Reply NotifySyntax = new(501, "5.5.4", "NOTIFY is NEVER or a list of SUCCESS, FAILURE and DELAY");
    internal static readonly Reply OriginalRecipientSyntax = new(501, "5.5.4", "ORCPT is an address type, a semicolon and the address as xtext");
    internal static readonly Reply MailFirst = new(503, "5.5.1", "Say MAIL first");
    // RFC 5321 §4.5.3.1.10: 452, so that the client sends the message again to the rest.
    internal static readonly Reply TooManyRecipients = new(452, "4.5.3", "So many recipients fit into one transaction; send the message again to the others");
    internal static readonly Reply NoPostmaster = new(550, NoSuchMailbox, "This server has no domain yet, so nobody reads mail to postmaster");

    // XFORWARD.
    internal static readonly Reply XForwardSyntax = new(501, "5.5.4", "The form is: XFORWARD NAME=value ADDR=value and so on, each value xtext");

    // DATA, BDAT.
    internal static readonly Reply NoRecipients = new(554, "5.5.1", "No recipient was accepted, so there is nobody to send a message to");
    internal static readonly Reply BdatSyntax = new(501, "5.5.4", "The form is: BDAT size [LAST]");
    internal static readonly Reply BdatOpen = new(503, "5.5.1", "The message was begun with BDAT; end it with BDAT 0 LAST or RSET");
    internal static readonly Reply BareLineEndings = new(554, "5.6.0", "The message holds a CR or LF that stands alone; lines end with CR LF together (RFC 5321 2.3.8). Programs that send bare line feeds can be used to smuggle forged mail, so it is refused; update or reconfigure the sending program");
    internal static readonly Reply HeaderTooLong = new(552, "5.3.4", "The header section of the message is longer than this server takes; send fewer or shorter header fields");
    internal static readonly Reply TextLineTooLong = new(554, "5.6.0", "A line of the message is too long for any mail program (RFC 5322 allows 998 octets); encode the part as quoted-printable or base64");
    internal static readonly Reply NoMemory = new(452, "4.3.1", "The server is receiving too much at once and has no room for this message now; try again in some minutes");

    // STARTTLS, AUTH.
    internal static readonly Reply TlsIsUp = new(503, "5.5.1", "TLS is up already");
    // RFC 3207 §4: whatever came in clear after the command is not a part of the protected session.
    internal static readonly Reply PipelinedAfterStartTls = new(421, "4.7.0", "Nothing may follow STARTTLS before its reply; connect again");
    internal static readonly Reply AuthSyntax = new(501, "5.5.4", "The form is: AUTH mechanism [initial-response]");
    internal static readonly Reply AuthEncoding = new(501, "5.5.2", "The response is not base64");
    internal static readonly Reply AuthLineTooLong = new(500, "5.5.6", "The response is too long");
    internal static readonly Reply AuthAborted = new(501, "5.7.0", "Signing in was called off");
    internal static readonly Reply AuthDone = new(503, "5.5.1", "You are signed in already");
    internal static readonly Reply AuthInTransaction = new(503, "5.5.1", "Sign in before MAIL, or say RSET first");
    internal static readonly Reply AuthMechanism = new(504, "5.5.4", "This mechanism is not offered; EHLO lists those that are");
    internal static readonly Reply AuthNeedsTls = new(538, "5.7.11", "Passwords are not taken in clear; say STARTTLS first");
    internal static readonly Reply AuthNotHere = new(503, "5.7.0", "Nobody signs in on this port; programs for reading and writing mail use port 465 or 587");
    internal static readonly Reply AuthFailed = new(535, "5.7.8", "Name or password is wrong");
    internal static readonly Reply AuthMalformed = new(501, "5.5.2", "The response is not what the mechanism asks for");
    internal static readonly Reply AuthTooMany = new(454, "4.7.0", "Too many attempts failed; wait some minutes, then try again");
    // RFC 4954 §6: the mechanism is weaker than the account's owner wants.
    internal static readonly Reply AuthAppPassword = new(534, "5.7.9", "This account asks for a second factor, which no mail program can give; make an app password in the webmail's settings and use that here");
    internal static readonly Reply AuthRequiredTls = new(530, "5.7.0", "Say STARTTLS, then sign in: this port takes mail only from users of this server");
    internal static readonly Reply AuthRequired = new(530, "5.7.0", "Sign in first: this port takes mail only from users of this server");

    // Ends.
    internal static readonly Reply Draining = new(421, "4.3.2", "The server is going down; connect again in a minute");

    /// <summary>RFC 5321 §3.8 lets a server end the session with 421 in answer to any command.</summary>
    internal static Reply SessionEnded(string reason) => new(421, "4.7.0", reason);

    internal static readonly Reply TooManyErrors = new(421, "4.7.0", "Too many errors in this session; mend the sending program, then connect again");
    internal static readonly Reply TooManyUnknown = new(421, "4.7.0", "Too many recipients in this session do not exist; clean the list of addresses, then connect again");
    internal static readonly Reply TooManyIdle = new(421, "4.7.0", "Too many commands in this session without a message; connect again when there is one");
    internal static readonly Reply TooManyMessages = new(421, "4.7.0", "This connection has carried as many messages as one may; open another for the rest");
    internal static readonly Reply Barred = new(421, "4.7.0", "Too many sessions from your address had to be ended for errors; mend the sending program and come back in an hour");
    internal static readonly Reply TooSlow = new(421, "4.4.2", "Nothing came for too long; connect again");

    internal static readonly Reply Failed = new(421, "4.3.0", "Something went wrong in this server, which its administrator can see; try again later");
    internal static readonly Reply FarTooManyRecipients = new(421, "4.5.3", "The transaction has far more recipients than one may have; split it, then connect again");

    internal static Reply Greeting(DomainName host) => new(220, "", $"{host} ESMTP Sternpost");

    internal static Reply Hello(DomainName host, string client) => new(250, "", $"{host} greets {client}");

    internal static Reply UnknownParameter(string keyword) => new(555, "5.5.4", $"The parameter {keyword} is not offered here");

    internal static Reply TooLarge(long limit) => new(552, "5.3.4", $"The message is larger than the {limit} octets this server takes; send a link instead of a large attachment");

    internal static Reply RelayDenied(EmailAddress recipient) => new(550, "5.7.1", $"<{recipient}>: this server does not relay; it takes mail for its own domains, and users of this server sign in on port 465 or 587");

    internal static Reply UnknownRecipient(EmailAddress recipient) => new(550, NoSuchMailbox, $"<{recipient}>: nobody here has this address; check its spelling");

    internal static Reply SwitchedOff(EmailAddress recipient) => new(550, "5.2.1", $"<{recipient}>: its owner gave this address to one sender and has switched it off; write to another address if you have one");

    internal static Reply RecipientNotVerified(EmailAddress recipient) => new(451, "4.4.1", $"<{recipient}>: the server that holds this mailbox does not answer at the moment; try again in a few minutes");

    internal static Reply GatewayLimit(string reason) => new(451, "4.7.28", reason);

    internal static Reply Suppressed(EmailAddress recipient, string reason) => new(550, NoSuchMailbox, $"<{recipient}>: {reason}");

    internal static Reply ForeignBounce(EmailAddress recipient) => new(550, "5.7.1", $"<{recipient}>: mail from this address leaves with a mark in its reverse-path; this bounce has none, so the message it is about did not come from here");

    internal static Reply RecipientFull(EmailAddress recipient) => new(452, "4.2.2", $"<{recipient}>: the mailbox is full; try again later or reach the recipient another way");

    internal static Reply LimitReached(LimitReached limit) => new(452, "4.7.28", limit.Explanation);

    internal static Reply SenderNotOwned(EmailAddress sender, Account account) => new(550, "5.7.1", $"<{sender}> is not an address of {account.Address}; send as {account.Address} or one of its aliases");

    internal static Reply AccountClosed(EmailAddress account) => new(535, "5.7.8", $"The account {account} may not send now; ask the administrator of this server");

    internal static Reply FromNotOwned(EmailAddress author, Account account) => new(550, "5.7.1", $"The message says it is from <{author}>, which is not an address of {account.Address}; put {account.Address} or one of its aliases into From and Sender");

    internal static Reply MessageMalformed(string reason) => new(554, "5.6.0", reason);

    internal static Reply Rejected(Verdict verdict) => new(550, "5.7.1", $"{verdict.Reason} If the message is wanted, ask the recipient's administrator to look it up by this reference");

    internal static Reply OutgoingRefused(Verdict verdict) => new(554, "5.7.1", $"{verdict.Reason} This server does not send such mail");

    internal static Reply ComeBack(string reason) => new(451, "4.7.1", reason);

    internal static Reply NextHopAway(string host, string reason) => new(451, "4.4.1", $"The server this mail goes on to, {host}, {reason}; keep the message and try again");

    internal static Reply From(IntakeResult result) => new(result.Code, result.EnhancedCode, result.Text);

    internal static Reply Challenge(ReadOnlySpan<byte> data) => new(334, "", Convert.ToBase64String(data));
}
