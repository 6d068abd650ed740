using Sternpost.Messages.Addresses;
using Sternpost.Tracing;

namespace Sternpost.Smtp.Server;

/// <summary>Writes down what a client was refused and why, so that <c>trace</c> finds it by whatever its sender or recipient remembers.</summary>
internal static class RefusalTrail
{
    internal static void Write(SmtpSession session, EmailAddress? sender, IReadOnlyList<EmailAddress> recipients, Reply refusal, string command, ReadOnlySpan<byte> message)
    {
        if (session.Services.Book is not { } book) return;
        // Read now: the message's memory soon holds another.
        var found = new Trail
        {
            Session = session.Reference,
            Client = session.Client.ToString(),
            AccountId = session.Account?.Id,
            Sender = sender?.ToString() ?? "",
            Recipients = [.. recipients.Select(recipient => recipient.ToString())],
            About = session.Caller is { Script.Length: > 0 } known ? [known.Script, Path.GetFileName(known.Script)] : [],
        }.Of(message);
        var who = session.Caller is { } caller ? (session.Account is { } site ? $"the site {site.Address}: {caller.InWords}" : caller.InWords)
            : session.Account is { } account ? $"{account.Address} at {session.Client}" : $"{session.Client} (which calls itself {Named(session.Hello.Text)})";
        var what = $"{(refusal.Code < 500 ? "Put off" : "Refused")} {(command == "DATA" ? "the message" : command == "RCPT" ? "the recipient" : "the sender")} of {who}: {refusal}";
        book.Note(found, new Step(StepKind.Refused, recipients.Count == 1 ? recipients[0].ToString() : "", what, Advice(refusal, session.Policy.TakesUsers)));
    }

    private static string Named(string hello) => hello.Length > 0 ? hello : "nothing";

    // By the status's subject and detail (RFC 3463).
    private static string Advice(Reply refusal, bool user) => refusal.Status[(refusal.Status.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
    {
        "1.1" => "If the address should exist, make it: sternpost account add, or sternpost alias add.",
        "1.2" => "If the domain should be served here: sternpost domain add.",
        "2.2" => "The mailbox is full: its owner must delete something, or its quota be raised.",
        "7.1" when user && refusal.Text.Contains("sternpost site", StringComparison.Ordinal) => "",
        "7.1" when user => "Users write only as themselves: give the account the address as an alias, or correct the program's settings.",
        "7.1" => "If the message was wanted, see what spoke against it with 'sternpost check' on a copy, teach it with 'sternpost learn ham', or allow its sender in filter.allow.",
        "7.28" => "If the number of messages is right for this sender, raise its limit; if not, look for a stolen password.",
        _ when refusal.Code < 500 => "Nothing need be done: the sender tries again by itself.",
        _ => "",
    };
}
