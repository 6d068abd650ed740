using System.Text;
using Sternpost.Sieve;
using Sternpost.Web.Account;

namespace Sternpost.Unit.House;

/// <summary>Rules of the form: as a script that is sound whatever was typed, and back.</summary>
public sealed class RuleScriptTests
{
    [Theory]
    [InlineData("invoice")]
    [InlineData("\"; discard; #")]
    [InlineData("back\\slash\\")]
    [InlineData("\\\" } redirect \"thief@elsewhere.example\";")]
    [InlineData("${hex: 22}")]
    [InlineData("Überweisung 振込")]
    [InlineData("/* */ text:")]
    public void What_was_typed_is_text_and_comes_back(string text)
    {
        MailRule[] rules = [.. from field in (string[])["from", "to", "subject", "list"] from action in (string[])["file", "trash", "star", "read"] select new MailRule(field, text, action, action == "file" ? text : "", action != "read")];
        Assert.All(rules, rule => Assert.Null(RuleScript.Problem(rule)));
        var script = RuleScript.Write(rules);
        var compiled = ScriptCompiler.Compile(script);
        Assert.NotNull(compiled.Script);
        Assert.Empty(compiled.Problems);
        Assert.Equal(rules, RuleScript.Read(script));
    }

    [Fact]
    public void A_rule_that_sends_on_names_one_address_and_keeps_the_message()
    {
        MailRule[] rules = [new("subject", "invoice", "forward", "", Stops: false, "clerk@outside.example"), new("from", "shop", "file", "Shops", Stops: true)];
        Assert.All(rules, rule => Assert.Null(RuleScript.Problem(rule)));
        var script = RuleScript.Write(rules);
        Assert.Contains("redirect :copy \"clerk@outside.example\";", Encoding.UTF8.GetString(script));
        Assert.Empty(ScriptCompiler.Compile(script).Problems);
        Assert.Equal(rules, RuleScript.Read(script));
        Assert.NotNull(RuleScript.Problem(rules[0] with { Target = "no address" }));
        Assert.NotNull(RuleScript.Problem(rules[0] with { Target = null }));
        Assert.NotNull(RuleScript.Problem(rules[1] with { Target = "clerk@outside.example" }));
    }

    [Fact]
    public void No_rules_are_a_sound_script_too()
    {
        Assert.NotNull(ScriptCompiler.Compile(RuleScript.Write([])).Script);
        Assert.Empty(RuleScript.Read(RuleScript.Write([]))!);
    }

    [Theory]
    [InlineData("keep;")]
    [InlineData("# rules !!!\r\n")]
    [InlineData("# rules W10=")]
    [InlineData("# rules bnVsbA==\r\n")]
    [InlineData("# rules W251bGxd\r\n")]
    [InlineData("# rules W3t9XQ==\r\n")]
    public void A_script_of_somebody_else_is_not_read_as_rules(string script) => Assert.Null(RuleScript.Read(Encoding.UTF8.GetBytes(script)));

    [Fact]
    public void A_script_that_was_changed_by_hand_is_not_read_as_what_it_was()
    {
        var script = Encoding.UTF8.GetString(RuleScript.Write([new MailRule("from", "shop", "file", "Shops", Stops: true)]));
        Assert.Null(RuleScript.Read(Encoding.UTF8.GetBytes(script.Replace("Shops\";", "Other\";", StringComparison.Ordinal))));
        Assert.Null(RuleScript.Read(Encoding.UTF8.GetBytes(script + "redirect \"a@b.example\";\r\n")));
    }

    [Theory]
    [InlineData("from", " ", "file", "Shops")]
    [InlineData("from", "shop", "file", "")]
    [InlineData("body", "shop", "file", "Shops")]
    [InlineData("from", "shop", "redirect", "Shops")]
    [InlineData("from", "a\r\nb", "file", "Shops")]
    public void What_is_no_rule_is_told(string field, string text, string action, string folder) => Assert.NotNull(RuleScript.Problem(new MailRule(field, text, action, folder, Stops: false)));
}
