using System.CommandLine;
using Sternpost.Sendmail;

namespace Sternpost.Commands;

/// <summary><c>sendmail</c>, as the list of verbs has it; the program itself turns there before the command line is read.</summary>
internal static class SendmailCommand
{
    public static Command Create()
    {
        var arguments = new Argument<string[]>("arguments") { Description = "Options and recipients as /usr/sbin/sendmail has them; 'sternpost sendmail --help' lists them.", HelpName = "ARGUMENTS", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("sendmail", "A stand-in for /usr/sbin/sendmail, for web applications and cron; also when started under the names sendmail, mailq and newaliases.") { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(result => SendmailProgram.Run("sendmail", [.. result.GetValue(arguments) ?? [], .. result.UnmatchedTokens]));
        return command;
    }
}
