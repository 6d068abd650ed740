using Sternpost.Accounts;
using Sternpost.Jmap.Stores;
using Sternpost.Messages.Addresses;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Jmap;

public sealed class AccountRemovalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_would_still_be_sent_and_what_was_uploaded_goes_with_the_account()
    {
        await using var store = await TestStore.OpenAsync();
        var (alice, bob) = (TestStore.Alice, TestStore.Bob);
        var (submissions, uploads) = (new SubmissionStore(store.Database), new UploadStore(store.Database, TimeProvider.System));
        foreach (var (account, text) in new[] { (alice, "hers"), (bob, "his") })
        {
            var content = submissions.Prepare(System.Text.Encoding.ASCII.GetBytes(text));
            var waiting = new StoredSubmission(submissions.NewId(), 1, 2, 3, "{}", DateTimeOffset.UtcNow.AddMinutes(-1), SubmissionStage.Pending, null, null, null);
            await store.Database.WriteAsync(
                sql =>
                {
                    submissions.Add(sql, account, waiting, content);
                    return 0;
                },
                Cancellation);
            Assert.NotNull(await uploads.AddAsync(account, System.Text.Encoding.ASCII.GetBytes("upload of " + text), "text/plain", 1000, Cancellation));
        }
        var removed = new List<long>();
        AccountRemoval.Join(store.Directory, store.Database, removed.Add);
        Assert.True(await store.Directory.RemoveAccountAsync(EmailAddress.Parse("alice@example.org"), Cancellation));

        Assert.Equal([alice], removed);
        Assert.Equal(bob, (await submissions.TakeDueAsync(DateTimeOffset.UtcNow, Cancellation))!.Value.AccountId);
        Assert.Null(await submissions.TakeDueAsync(DateTimeOffset.UtcNow, Cancellation));
        Assert.Equal(2, await store.Database.ReadAsync(sql => sql.First($"select count(*) from blobs", row => row.GetInt32(0)), Cancellation));
        Assert.Equal(0, await store.Database.ReadAsync(sql => sql.First($"select count(*) from jmap_changes where account_id = {alice}", row => row.GetInt32(0)), Cancellation));
    }
}
