using Sternpost.Unit.MailAuth;
using Sternpost.Unit.Sieve.Testsuite;

namespace Sternpost.Unit.Sieve;

/// <summary>
/// The suite of another Sieve, in full but for its plugins that run programs, which no script may here. What does not pass is named here with
/// the reason; what is named and passes fails as well, so that the list stays true.
/// </summary>
public sealed class PigeonholeTests(ITestOutputHelper output)
{
    private static readonly (string Start, string Reason)[] Deviations =
    [
        ("compile/errors.svtest / Stop errors", "the file says 7 errors, the suite expects 8; there are 7 here"),
        ("extensions/relational/errors.svtest / Syntax errors", "a tag behind a semicolon: another number of errors for the same mistakes"),
        ("extensions/include/errors.svtest / Circular - one intermittent", "the suite's scripts have two names each, with and without a suffix; here a script has one"),
        ("extensions/include/errors.svtest / Circular - two intermittent", "as before"),
        ("execute/examples.svtest", "the example scripts are not part of the suite's files"),
        ("execute/smtp.svtest", "whom a redirected message is from, and what stops loops, is the queue's: SRS and Received, as for aliases"),
        ("extensions/enotify/mailto.svtest / Simple", "wants a field named X-Sieve in notices"),
        ("extensions/enotify/mailto.svtest / Multiple recipients", "each recipient gets a notice that names nobody else"),
        ("extensions/enotify/mailto.svtest / Envelope", "notices have the null reverse-path always, and come from the user's address"),
        ("extensions/enotify/mailto.svtest / UTF-8 address", "encoded words in the address of a URI"),
        ("extensions/environment/basic.svtest / Name", "the name is this program's"),
        ("extensions/extlists/", "the extension extlists is not offered"),
        ("extensions/imap4flags/execute.svtest / Flags Side Effect", "wants a keyword that its own server sets by itself"),
        ("extensions/imap4flags/multiscript.svtest / Internal Flags", "as before"),
        ("extensions/metadata/", "the extensions mboxmetadata and servermetadata are not offered"),
        ("extensions/mailbox/errors.svtest / compile", "the suite's script wants vnd.dovecot.debug"),
        ("extensions/vacation/message.svtest / Subject - configured", "the subject is the script's or the RFC's, and has no setting"),
        ("extensions/vacation/message.svtest / Reply to", "wants quotes around the name, which RFC 5322 does not; or a setting not to look at the envelope"),
        ("extensions/vacation/message.svtest / Send from recipient", "answers have the null reverse-path always (RFC 5230 §5.1)"),
        ("extensions/vacation/reply.svtest / Reply for original recipient", "a setting to answer for the address before aliases"),
        ("extensions/vacation/utf-8.svtest / MIME Encoded From", "compares the field with and without quotes around the name"),
        ("extensions/vnd.dovecot/", "extensions of that server alone"),
        ("failures/", "scripts that fail on purpose: the other server once crashed over them"),
        ("multiscript/conflicts.svtest", "several scripts over one message are not offered"),
    ];

    [Fact]
    public void Every_script_passes_or_is_named_with_a_reason()
    {
        var root = Path.Combine(Suites.Require("sieve"), "pigeonhole", "tests");
        List<string> failed = [];
        var passed = 0;
        foreach (var file in Directory.EnumerateFiles(root, "*.svtest*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(root, file);
            if (name.StartsWith("plugins", StringComparison.Ordinal)) continue;
            foreach (var (test, failure) in TestsuiteCommands.Run(file))
            {
                if (failure is null) passed++;
                else failed.Add($"{name} / {test}: {failure}");
            }
        }
        foreach (var line in failed) output.WriteLine(line);
        output.WriteLine($"{passed} passed, {failed.Count} named");
        Assert.DoesNotContain(failed, line => !Deviations.Any(deviation => line.StartsWith(deviation.Start, StringComparison.Ordinal)));
        Assert.DoesNotContain(Deviations, deviation => !failed.Exists(line => line.StartsWith(deviation.Start, StringComparison.Ordinal)));
        Assert.InRange(passed, 400, int.MaxValue);
    }
}
