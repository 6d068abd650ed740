using Sternpost.Accounts.Senders;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Accounts;

/// <summary>By which rule of its owner a message goes to Junk.</summary>
public sealed class SenderRulesTests
{
    [Fact]
    public async Task Addresses_domains_and_lists_are_known_again_and_other_accounts_are_not_concerned()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Database.WriteAsync(
            sql =>
            {
                var number = 1;
                foreach (var (kind, subject) in new[] { (SenderRuleKind.Blocked, "one@a.example"), (SenderRuleKind.Blocked, "b.example"), (SenderRuleKind.ListLeft, "news.c.example"), (SenderRuleKind.ListLeft, "letter@d.example"), (SenderRuleKind.Pictures, "shop@e.example") })
                    Assert.True(SenderRules.Put(sql, TestStore.Alice, new SenderRule(number++, kind, subject, "", DateTimeOffset.UnixEpoch)));
                Assert.Equal("one@a.example", SenderRules.Against(sql, TestStore.Alice, "one@a.example", "")?.Subject);
                Assert.Null(SenderRules.Against(sql, TestStore.Alice, "two@a.example", ""));
                Assert.Equal("b.example", SenderRules.Against(sql, TestStore.Alice, "x@b.example", "")?.Subject);
                Assert.Equal("b.example", SenderRules.Against(sql, TestStore.Alice, "x@mail.b.example", "")?.Subject);
                Assert.Null(SenderRules.Against(sql, TestStore.Alice, "x@notb.example", ""));
                Assert.Equal(SenderRuleKind.ListLeft, SenderRules.Against(sql, TestStore.Alice, "anybody@c.example", "news.c.example")?.Kind);
                Assert.Equal(SenderRuleKind.ListLeft, SenderRules.Against(sql, TestStore.Alice, "letter@d.example", "")?.Kind);
                Assert.Null(SenderRules.Against(sql, TestStore.Alice, "shop@e.example", ""));
                Assert.Null(SenderRules.Against(sql, TestStore.Alice, "", ""));
                Assert.Null(SenderRules.Against(sql, TestStore.Bob, "one@a.example", "news.c.example"));
                SenderRules.RemoveAccount(sql, TestStore.Alice);
                Assert.Empty(SenderRules.Of(sql, TestStore.Alice));
                return 0;
            },
            TestContext.Current.CancellationToken);
    }
}
