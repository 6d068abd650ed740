using System.CommandLine;
using Sternpost.Composition;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Lessons;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>learn spam|ham PATH…</c> and <c>forget PATH…</c>.</summary>
internal static class LearnCommand
{
    public static Command Create() => new("learn", "Teaches the filter from messages, Maildirs or mboxes.")
    {
        Learn("spam", "These messages are spam.", junk: true),
        Learn("ham", "These messages are wanted.", junk: false),
    };

    public static Command CreateForget()
    {
        var (paths, account) = (Paths(), AccountOption());
        var command = new Command("forget", "Undoes what was learned of messages.") { paths, account };
        command.SetAction(async (result, cancellation) =>
        {
            await using var school = await School.OpenAsync(result, account, cancellation);
            int forgotten = 0, unknown = 0;
            foreach (var message in result.GetRequiredValue(paths).SelectMany(MailFiles.Read))
            {
                if (await school.Lessons.ForgetAsync(school.AccountId, message, cancellation)) forgotten++;
                else unknown++;
            }
            await Console.Error.WriteLineAsync($"Forgot {forgotten} messages{(unknown == 0 ? "" : $"; {unknown} had not been learned")}.");
        });
        return command;
    }

    private static Command Learn(string name, string description, bool junk)
    {
        var (paths, account) = (Paths(), AccountOption());
        var command = new Command(name, description) { paths, account };
        command.SetAction(async (result, cancellation) =>
        {
            await using var school = await School.OpenAsync(result, account, cancellation);
            int learned = 0, known = 0;
            foreach (var message in result.GetRequiredValue(paths).SelectMany(MailFiles.Read))
            {
                if (await school.Lessons.TeachAsync(school.AccountId, message, junk, unlimited: true, cancellation) == LessonOutcome.Learned) learned++;
                else known++;
            }
            if (learned + known == 0) throw new OperationFailedException("There was no message to learn from.");
            await Console.Error.WriteLineAsync($"Learned {learned} messages as {name}{(known == 0 ? "" : $"; of {known} the filter was sure already")}.");
        });
        return command;
    }

    private static Argument<string[]> Paths() => new("path") { Description = "Message files, mbox files, Maildirs or folders of messages.", HelpName = "PATH", Arity = ArgumentArity.OneOrMore };

    private static Option<EmailAddress?> AccountOption() => new("--account") { Description = "Only this account's own filter. [default: the whole server's]", HelpName = "ADDRESS", CustomParser = Inputs.ParseAddress };

    /// <summary>An installation opened for lessons.</summary>
    private sealed class School(Installation installation, AccountLessons lessons, long accountId) : IAsyncDisposable
    {
        public AccountLessons Lessons => lessons;

        public long AccountId => accountId;

        public static async Task<School> OpenAsync(ParseResult result, Option<EmailAddress?> account, CancellationToken cancellation)
        {
            var installation = await Installation.OpenAsync(result, cancellation);
            try
            {
                var configuration = FilterComposition.ConfigurationOf(result);
                var classifier = new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model));
                var lessons = new AccountLessons(installation.Database, FilterComposition.Options(configuration), classifier, TimeProvider.System);
                if (result.GetValue(account) is not { } address) return new School(installation, lessons, AccountLessons.WholeServer);
                var owner = await installation.Directory.FindAccountAsync(address, cancellation) ?? throw new OperationFailedException($"There is no account {address}. See them with: sternpost account list");
                return new School(installation, lessons, owner.Id);
            }
            catch
            {
                await installation.DisposeAsync();
                throw;
            }
        }

        public ValueTask DisposeAsync() => installation.DisposeAsync();
    }
}
