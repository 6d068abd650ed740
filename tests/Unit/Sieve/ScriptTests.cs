using System.Text;
using Sternpost.Sieve;
using Sternpost.Sieve.Actions;
using Sternpost.Unit.Sieve.Testsuite;

namespace Sternpost.Unit.Sieve;

/// <summary>What scripts may and may not do, however they are written.</summary>
public sealed class ScriptTests
{
    private const string Letter = "From: ann@example.com\r\nTo: bob@example.org\r\nSubject: The =?utf-8?q?gr=C3=BCne?= hat\r\nMessage-ID: <1@example.com>\r\n\r\nHello.\r\n";

    private static ScriptOutcome Run(string script, string message = Letter)
    {
        var compilation = ScriptCompiler.Compile(Encoding.UTF8.GetBytes(script));
        Assert.True(compilation.Script is not null, string.Join("; ", compilation.Problems));
        return compilation.Script.Run(Encoding.UTF8.GetBytes(message), new TestsuiteServer());
    }

    private static string Problem(string script) => Assert.Single(ScriptCompiler.Compile(Encoding.UTF8.GetBytes(script)).Problems).ToString();

    [Fact]
    public void A_script_that_does_nothing_keeps() => Assert.IsType<KeepAction>(Assert.Single(Run("").Actions));

    [Fact]
    public void What_is_named_is_done_and_cancels_the_keep()
    {
        var file = Assert.IsType<FileIntoAction>(Assert.Single(Run("require [\"fileinto\", \"imap4flags\"]; if header :contains \"subject\" \"grüne\" { fileinto :flags [\"\\\\Seen\", \"$hat\"] \"Hats\"; }").Actions));
        Assert.Equal(("Hats", "\\Seen $hat"), (file.Mailbox, string.Join(' ', file.Flags)));
        Assert.Equal(["redirect", "keep"], Run("require \"copy\"; redirect :copy \"a@example.net\";").Actions.Select(action => action.Name));
        Assert.Equal(["redirect"], Run("redirect \"a@example.net\";").Actions.Select(action => action.Name));
    }

    [Fact]
    public void A_failing_script_keeps_the_message_as_it_came()
    {
        var outcome = Run("require [\"editheader\", \"reject\"]; addheader \"X-Hat\" \"green\"; keep; reject \"no\";");
        Assert.Contains("conflicts", outcome.Problem!.Text);
        Assert.Equal(Letter, Encoding.UTF8.GetString(outcome.ContentOf(Assert.IsType<KeepAction>(Assert.Single(outcome.Actions))).Span));
    }

    [Fact]
    public void A_changed_header_is_of_the_copies_behind_the_change()
    {
        var outcome = Run("require [\"editheader\", \"fileinto\"]; fileinto \"Before\"; addheader \"X-Hat\" \"green\"; deleteheader \"subject\"; fileinto \"After\";");
        Assert.Equal(Letter, Encoding.UTF8.GetString(outcome.ContentOf(outcome.Actions[0]).Span));
        var after = Encoding.UTF8.GetString(outcome.ContentOf(outcome.Actions[1]).Span);
        Assert.StartsWith("X-Hat: green\r\nFrom:", after);
        Assert.DoesNotContain("Subject", after);
        Assert.EndsWith("\r\n\r\nHello.\r\n", after);
    }

    [Theory]
    [InlineData("fileinto \"a\";", "line 1: unknown command 'fileinto' (only reported once at first occurrence); it needs: require \"fileinto\"")]
    [InlineData("\n\nkeep", "line 3: the keep command must end in ';' or a block, but the end of the script was found")]
    [InlineData("require \"nonsense\";", "line 1: the require command names 'nonsense', which this server does not have")]
    [InlineData("if header \"a\" \"b\" keep;", "line 1: unknown test 'keep'", false)]
    public void What_is_wrong_is_said_with_its_line(string script, string problem, bool whole = true)
    {
        if (whole) Assert.Equal(problem, Problem(script));
        else Assert.NotEmpty(ScriptCompiler.Compile(Encoding.UTF8.GetBytes(script)).Problems);
    }

    [Theory]
    [InlineData("require [\"variables\"]; set \"a\" \"0123456789\"; set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\"; set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\"; set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\"; set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\"; set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\"; keep;")]
    [InlineData("require [\"variables\", \"regex\"]; set \"a\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"; if string :regex \"${a}\" \"^(a+)+$\" { discard; }")]
    [InlineData("require [\"foreverypart\"]; foreverypart { foreverypart { foreverypart { foreverypart { keep; } } } }")]
    [InlineData("if header :matches \"subject\" \"*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*x\" { discard; }")]
    public void Hostile_scripts_end(string script) => Assert.Equal("keep", Assert.Single(Run(script).Actions).Name);

    [Fact]
    public void Whatever_the_octets_reading_a_script_and_running_it_end_without_a_fault()
    {
        var random = new Random(11);
        string[] pieces =
        [
            "require", "[", "]", "\"variables\"", "\"fileinto\"", ";", "if", "elsif", "else", "{", "}", "(", ")", ",", "not", "anyof", "allof", "true", "false", "header", ":is", ":matches", ":contains", ":count", "\"gt\"", "\"subject\"",
            "\"*\"", "\"${1}\"", "set", "\"a\"", "text:\r\n", ".\r\n", "#", "/*", "*/", "10K", "99999999999999999999999", "keep", "discard", "redirect", "\"a@b.example\"", "fileinto", "stop", ":flags", "\\", "\"", "\0", "ü", "\ud800", " ", "\n",
            "address", "size", ":over", "exists", "vacation", ":days", "foreverypart", "${hex:40}", "${unicode:110000}", "body", ":regex", "\"(((\"", "date", "environment", "duplicate", "include", "global", "addheader", "deleteheader", "notify", "\"mailto:a@b.example?x=y\"",
        ];
        for (var round = 0; round < 3000; round++)
        {
            var text = new StringBuilder(round % 3 == 0 ? "require [\"fileinto\", \"variables\", \"regex\", \"body\", \"vacation\", \"enotify\", \"include\", \"editheader\", \"foreverypart\", \"mime\", \"relational\", \"imap4flags\", \"encoded-character\"];\n" : "");
            for (var n = random.Next(60); n > 0; n--) text.Append(pieces[random.Next(pieces.Length)]).Append(random.Next(3) == 0 ? "" : " ");
            var octets = Encoding.UTF8.GetBytes(text.ToString());
            for (var n = random.Next(4); n > 0 && octets.Length > 0; n--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
            if (ScriptCompiler.Compile(octets).Script is { } script) Assert.NotEmpty(script.Run(Encoding.UTF8.GetBytes(Letter), new TestsuiteServer()).Actions);
        }
    }
}
