using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>Which verb goes where, and the verbs too small for a file.</summary>
internal static class Verbs
{
    /// <summary>Answers one command. Null where the verb has answered already, or where nobody is there to be answered.</summary>
    internal static ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> line)
    {
        if (!CommandLine.IsText(line.Span))
        {
            session.Note(Fault.Binary);
            return Now(Replies.NotText);
        }
        var verb = CommandLine.Split(line, out var argument);
        if (line.Length > CommandLine.MaxLength && verb is not (Verb.Mail or Verb.Rcpt or Verb.Auth or Verb.Origin)) return Now(Replies.LineTooLong);
        if (line.Length > CommandLine.MaxLengthWithParameters && verb is not Verb.Auth) return Now(Replies.LineTooLong);
        if (verb is Verb.Helo or Verb.Ehlo or Verb.Lhlo or Verb.XForward or Verb.Mail or Verb.Rset or Verb.Noop or Verb.Vrfy or Verb.Help) session.CountIdle();
        return verb switch
        {
            Verb.Helo => Now(Hello.Helo(session, argument.Span)),
            Verb.Ehlo => Now(Hello.Ehlo(session, argument.Span)),
            Verb.Lhlo when session.Policy.IsContentFilter => Now(Hello.Lhlo(session, argument.Span)),
            Verb.XForward when session.Policy.IsContentFilter => Now(XForward.Run(session, argument.Span)),
            Verb.Mail => Mail.RunAsync(session, argument),
            Verb.Rcpt => Rcpt.RunAsync(session, argument),
            Verb.Data => Data.RunAsync(session, argument),
            Verb.Bdat => Bdat.RunAsync(session, argument),
            Verb.StartTls => StartTls.RunAsync(session, argument),
            Verb.Auth => Auth.RunAsync(session, argument),
            Verb.Rset => Now(argument.IsEmpty ? Rset(session) : Replies.NoArgument),
            // RFC 5321 §4.1.1.9: an argument of NOOP is ignored.
            Verb.Noop => Now(Replies.Ok),
            Verb.Quit => Now(argument.IsEmpty ? Replies.Goodbye : Replies.NoArgument),
            Verb.Vrfy => Now(argument.IsEmpty ? Replies.VrfySyntax : Replies.NotVerified),
            Verb.Help => Now(Replies.Help),
            Verb.Origin => Now(Origin.Run(session, argument)),
            Verb.NotOffered => Now(Replies.NotOffered),
            Verb.Http => Now(Replies.NotHttp),
            _ => Now(Replies.UnknownCommand),
        };
    }

    // RFC 5321 §4.1.1.5.
    private static Reply Rset(SmtpSession session)
    {
        session.Reset();
        return Replies.Forgotten;
    }

    private static ValueTask<Reply?> Now(Reply reply) => ValueTask.FromResult<Reply?>(reply);
}
