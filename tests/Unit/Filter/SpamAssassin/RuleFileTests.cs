using CsCheck;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Unit.Filter.SpamAssassin;

public sealed class RuleFileTests
{
    private const string Message = "From: Ann <ann@sender.example>\nTo: Bob <bob@reader.example>\nSubject: Cheap watches\nDate: Mon, 4 May 2026 10:00:00 +0000\nMessage-ID: <1@sender.example>\n\nBuy now at http://shop.example/x?y=1 or lose.\n";

    [Theory]
    [InlineData("header A Subject =~ /watches/", "A")]
    [InlineData("header A Subject !~ /watches/", "")]
    [InlineData("header A exists:Date", "A")]
    [InlineData("header A exists:X-Nothing", "")]
    [InlineData("header A X-Nothing =~ /^UNSET$/ [if-unset: UNSET]", "A")]
    [InlineData("header A From:addr =~ /^ann\\@sender\\.example$/", "A")]
    [InlineData("header A From:name =~ /^Ann$/", "A")]
    [InlineData("header A From:addr:host =~ /^sender\\.example$/", "A")]
    [InlineData("header A ToCc =~ /Bob/", "A")]
    [InlineData("header A ALL =~ /^Subject: Cheap.*\\n/m", "A")]
    [InlineData("header A MESSAGEID =~ /^<1\\@/", "A")]
    [InlineData("body A /Cheap watches/", "A")]
    [InlineData("body A /Cheap watches/\ntflags A nosubject", "")]
    [InlineData("body A /lose\\./", "A")]
    [InlineData("uri A m{^http://shop\\.example/x}", "A")]
    [InlineData("full A /^From: Ann/", "A")]
    [InlineData("rawbody A /Buy now/", "A")]
    [InlineData("uri_detail A domain =~ /^shop\\.example$/ type =~ /^parsed$/", "A")]
    [InlineData("body __A /Buy/\nbody __B /sell/\nmeta A __A && !__B", "A __A")]
    [InlineData("body __A /o/\ntflags __A multiple\nmeta A __A >= 4", "A __A")]
    [InlineData("body __A /o/\ntflags __A multiple maxhits=2\nmeta A __A > 2", "__A")]
    [InlineData("meta A (B || C) + 1 > 1\nmeta B C\nbody C /Buy/", "A B C")]
    [InlineData("body __X_1 /Buy/\nbody __X_2 /lose/\nmeta A rules_matching(__X_*) == 2", "A __X_1 __X_2")]
    [InlineData("body A /Buy/\nscore A 0", "")]
    [InlineData("if (version >= 3.004000)\nbody A /Buy/\nelse\nbody B /Buy/\nendif", "A")]
    [InlineData("if !plugin(Mail::SpamAssassin::Plugin::FreeMail)\nbody A /Buy/\nendif\nbody B /Buy/", "B")]
    [InlineData("ifplugin Mail::SpamAssassin::Plugin::NoSuchThing\nif (version > 3)\nbody A /Buy/\nelse\nbody A /Buy/\nendif\nendif", "")]
    [InlineData("if can(Mail::SpamAssassin::Conf::feature_bug6558_free)\nbody A /Buy/\nendif", "A")]
    [InlineData("body A /nothing/\nbody A /Buy/", "A")]
    [InlineData("body A /Buy\\# /  # comment\nbody B /Buy/ # comment", "B")]
    [InlineData("lang de body A /Buy/\nlang en body B /Buy/", "B")]
    [InlineData("replace_tag W (?:w|vv)\nbody A /cheap <W>atches/i\nreplace_rules A", "A")]
    [InlineData("header __T To:addr =~ /(?<RCPT>.*)/\nbody A /no %{RCPT}/\nfull B /<%{RCPT}>/", "B __T")]
    [InlineData("enlist_addrlist (FRIENDS) *@sender.example\nheader A eval:check_from_in_list('FRIENDS')", "A")]
    [InlineData("enlist_uri_host (SHOPS) example\nheader A eval:check_uri_host_listed('SHOPS')", "A")]
    [InlineData("enlist_uri_host (SHOPS) example !shop.example\nheader A eval:check_uri_host_listed('SHOPS')", "")]
    [InlineData("whitelist_from *@sender.example\nheader A eval:check_from_in_whitelist()", "A")]
    public void A_rule_hits_what_it_says(string rules, string hits) => Assert.Equal(hits, RuleText.Hits(rules, Message));

    [Theory]
    [InlineData("meta A B\nmeta B A", "depends on itself")]
    [InlineData("meta A (B", "malformed")]
    [InlineData("body A /(?R)/", "recursion")]
    [InlineData("header A Subject =~ watches", "delimiters")]
    [InlineData("header A Subject:upper =~ /x/", "not known")]
    [InlineData("body A eval:no_such_function()", "not supported")]
    [InlineData("header A eval:check_rbl('x', 'y')", "network")]
    [InlineData("mysterious_setting 1", "not known")]
    [InlineData("body 1A /x/", "name")]
    [InlineData("score A lots", "number")]
    [InlineData("if (A +\nendif", "not understood")]
    [InlineData("include nowhere.cf", "not there")]
    public void What_is_not_used_is_listed_with_a_reason(string rules, string reason) =>
        Assert.Contains(RuleText.Set(rules).Unsupported, unsupported => unsupported.Reason.Contains(reason, StringComparison.Ordinal));

    [Fact]
    public void A_rule_without_a_score_has_a_point_and_one_on_trial_almost_none()
    {
        var set = RuleText.Set("body A /x/\nbody T_B /x/\nbody C /x/\ntflags C nice\nbody D /x/\nscore D 1 2 3 4\nscore D (0.5)\n");
        Assert.Equal([1, 0.01, -1, 1.5], set.Names.Select((name, i) => (name, score: set.Scores[i])).OrderBy(rule => rule.name.Replace("T_", "")).Select(rule => rule.score));
    }

    [Fact]
    public void No_file_is_so_broken_that_it_cannot_be_read() => Gen.OneOf(
            Gen.String[Gen.Char['\x01', '\x7f'], 0, 200],
            Gen.OneOf("if", "else", "endif", "body A /", "meta A ", "score A ", "header A ", "lang en ", "include x", "(", ")", "&&", "tflags A ", "# x", "/i", "\\#", "priority A ", "uri_detail A ").Array[0, 30].Select(words => string.Join('\n', words)),
            Gen.OneOf("if ", "(", ")", "A", "&&", "||", "!", "1", "+", "meta A ", "\n", "-", "?", ":", "body A /a/\n", "endif\n").Array[0, 40].Select(string.Concat))
        .Sample(text => { RuleText.Set(text); }, iter: 5_000);

    [Fact]
    public void A_glob_matches_as_one_reads_it()
    {
        Assert.True(Glob.Matches("*@example.com", "a@example.com"));
        Assert.True(Glob.Matches("a*b?c", "aXXbYc"));
        Assert.False(Glob.Matches("*@example.com", "a@example.com.test"));
        Assert.False(Glob.Matches(string.Concat(Enumerable.Repeat("*a", 500)) + "b", new string('a', 2000)));
    }
}
