using CsCheck;
using Sternpost.Accounts.Forwarding;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Unit.Accounts;

/// <summary>The addresses that stand for the senders of forwarded mail (SRS).</summary>
public class SrsAddressTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(n => (byte)n)];
    private static readonly DomainName Own = DomainName.Parse("ours.test");
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("writer@far.example")]
    [InlineData("Writer+Tag@far.example")]
    [InlineData("a=b=c@far.example")]
    [InlineData("\"two words\"@far.example")]
    public void What_was_rewritten_is_restored(string sender)
    {
        var address = SrsAddress.Rewrite(EmailAddress.Parse(sender), Own, Key, Now)!;
        Assert.Equal(Own, address.Domain);
        Assert.StartsWith("SRS0=", address.LocalPart);
        Assert.Equal(sender, Restored(address)!.ToString());
        // Through a server that changes case, as some do.
        Assert.Equal(EmailAddress.Parse(sender), Restored(EmailAddress.Of(address.LocalPart.ToUpperInvariant(), Own)));
    }

    [Fact]
    public void It_is_good_for_three_weeks_and_not_for_one_day_more()
    {
        var address = SrsAddress.Rewrite(EmailAddress.Parse("writer@far.example"), Own, Key, Now)!;
        Assert.NotNull(Restored(address, Now.AddDays(21)));
        Assert.Null(Restored(address, Now.AddDays(22)));
        Assert.Null(Restored(address, Now.AddDays(-1)));
    }

    [Fact]
    public void It_is_worth_nothing_at_another_domain_or_with_another_key()
    {
        var address = SrsAddress.Rewrite(EmailAddress.Parse("writer@far.example"), Own, Key, Now)!;
        Assert.Null(Restored(EmailAddress.Of(address.LocalPart, DomainName.Parse("other.test"))));
        Assert.False(SrsAddress.TryRestore(address, new byte[32], Now, out _, out _));
    }

    // Nobody but us makes one: any change of any character breaks it.
    [Fact]
    public void No_change_of_it_restores_anything_else() =>
        Gen.Select(Gen.Int[0, 60], Gen.Char[' ', '~']).Sample((at, replacement) =>
        {
            var local = SrsAddress.Rewrite(EmailAddress.Parse("writer@far.example"), Own, Key, Now)!.LocalPart.ToCharArray();
            local[at % local.Length] = replacement;
            var restored = Restored(EmailAddress.Of(new string(local), Own));
            Assert.True(restored is null || restored == EmailAddress.Parse("writer@far.example"));
        }, iter: 5000);

    [Fact]
    public void A_path_that_another_server_rewrote_leads_back_to_that_server()
    {
        var theirs = EmailAddress.Parse("SRS0=HHHH=TT=origin.example=joe@first.example");
        var second = SrsAddress.Rewrite(theirs, Own, Key, Now)!;
        Assert.StartsWith("SRS1=", second.LocalPart);
        Assert.Equal(theirs, Restored(second));
        // The third in the row keeps only the first: the way back passes the second by.
        var third = DomainName.Parse("third.test");
        var again = SrsAddress.Rewrite(second, third, Key, Now)!;
        Assert.True(SrsAddress.TryRestore(again, Key, Now, out var restored, out _));
        Assert.Equal(theirs, restored);
        Assert.Null(Restored(EmailAddress.Parse("SRS1=aaaaaaaa=first.example==HHHH=TT=origin.example=joe@ours.test")));
    }

    [Fact]
    public void One_that_would_be_too_long_is_left_to_be_kept_under_a_number()
    {
        Assert.Null(SrsAddress.Rewrite(EmailAddress.Parse(new string('a', 40) + "@a-rather-long-name.example"), Own, Key, Now));
        Assert.True(SrsAddress.TryRestore(SrsAddress.RewriteStored(12345, Own, Key, Now), Key, Now, out var sender, out var id));
        Assert.Equal((null, 12345), (sender, id));
    }

    [Fact]
    public void No_address_throws_and_none_is_restored_by_chance() =>
        Gen.OneOf("SRS0", "SRS1", "srs0", "=", "+", "-", "==", "aa", "aaaaaaaa", "far.example", "joe", "~", "1", "\"", " ", "ü", ".").Array[1, 12].Sample(parts =>
        {
            var local = string.Concat(parts);
            Assert.Null(Restored(EmailAddress.Of(local, Own)));
            if (EmailAddress.TryParse(EmailAddress.Of(local, DomainName.Parse("far.example")).ToString(), out var sender) && SrsAddress.Rewrite(sender, Own, Key, Now) is { } address)
                Assert.NotNull(Restored(address));
        }, iter: 10_000);

    private static EmailAddress? Restored(EmailAddress address, DateTimeOffset? now = null) =>
        SrsAddress.TryRestore(address, Key, now ?? Now, out var sender, out _) ? sender : null;
}
