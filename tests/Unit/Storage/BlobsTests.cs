using System.Security.Cryptography;
using Sternpost.Storage;

namespace Sternpost.Unit.Storage;

public sealed class BlobsTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-blobs-").FullName;
    private Database database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(Path.Combine(folder, "blobs"), "*", SearchOption.AllDirectories);

    public async ValueTask InitializeAsync() => database = await Database.OpenAsync(folder, TimeProvider.System, Cancellation);

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(128 * 1024, false)]
    [InlineData((128 * 1024) + 1, true)]
    [InlineData(5_000_000, true)]
    public async Task Content_is_kept_behind_any_prefix_and_large_content_in_a_file(int size, bool isFile)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var blob = database.Blobs.Prepare(content);
        Assert.Equal(isFile ? 1 : 0, Files.Length);
        await StoreAsync(blob, 1);
        Assert.Equal(content, await ReadAsync(blob.Id));
        var whole = await database.ReadAsync(sql => database.Blobs.Read(sql, blob.Id, "prefix"u8), Cancellation);
        Assert.Equal((byte[])[.. "prefix"u8, .. content], whole);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(200_000)]
    public async Task A_slice_is_what_there_is_of_it(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var blob = database.Blobs.Prepare(content);
        await StoreAsync(blob, 1);
        foreach (var (offset, length) in new[] { (0, size), (1, 10), (size - 5, 10), (size, 10), (size + 5, 10), (7, 0) })
        {
            var slice = await database.ReadAsync(sql => database.Blobs.ReadSlice(sql, blob.Id, offset, length), Cancellation);
            Assert.Equal(content.Skip(offset).Take(length), slice);
        }
        Assert.Null(await database.ReadAsync(sql => database.Blobs.ReadSlice(sql, 12345, 0, 10), Cancellation));
    }

    [Fact]
    public async Task A_message_refused_after_all_leaves_no_file_and_a_stored_one_keeps_its()
    {
        var (refused, stored) = (database.Blobs.Prepare(new byte[200_000]), database.Blobs.Prepare(new byte[200_000]));
        await StoreAsync(stored, 1);
        database.Blobs.Discard(refused);
        database.Blobs.Discard(stored);
        Assert.NotNull(await ReadAsync(stored.Id));
        Assert.Single(Files);
    }

    [Fact]
    public async Task The_last_reference_takes_row_and_file_along()
    {
        var blob = database.Blobs.Prepare(new byte[200_000]);
        await StoreAsync(blob, 3);
        await ReleaseAsync(blob.Id, 2);
        Assert.NotNull(await ReadAsync(blob.Id));
        await ReleaseAsync(blob.Id, 1);
        Assert.Null(await ReadAsync(blob.Id));
        while (Files.Length > 0) await Task.Delay(5, Cancellation);
    }

    [Fact]
    public async Task A_released_file_outlives_a_transaction_that_fails()
    {
        var blob = database.Blobs.Prepare(new byte[200_000]);
        await StoreAsync(blob, 1);
        await Assert.ThrowsAsync<TimeoutException>(async () => await database.WriteAsync<int>(
            sql =>
            {
                database.Blobs.Release(sql, blob.Id);
                throw new TimeoutException();
            },
            Cancellation));
        Assert.Equal(200_000, (await ReadAsync(blob.Id))!.Length);
    }

    [Fact]
    public async Task The_sweep_removes_files_without_a_row_and_no_others()
    {
        var kept = database.Blobs.Prepare(new byte[200_000]);
        await StoreAsync(kept, 1);
        var orphan = database.Blobs.Prepare(new byte[200_001]);
        Assert.Equal(0, await database.Blobs.SweepAsync(TimeSpan.FromMinutes(10), Cancellation));
        foreach (var file in Files) File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromMinutes(11));
        Assert.Equal(1, await database.Blobs.SweepAsync(TimeSpan.FromMinutes(10), Cancellation));
        Assert.Equal(200_000, (await ReadAsync(kept.Id))!.Length);
        // What was swept from under a message that took very long is refused, not stored without its content.
        await Assert.ThrowsAsync<IOException>(async () => await StoreAsync(orphan, 1));
    }

    [Fact]
    public async Task Opening_sweeps_what_a_crash_has_left()
    {
        database.Blobs.Prepare(new byte[200_000]);
        foreach (var file in Files) File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromHours(1));
        await database.DisposeAsync();
        database = await Database.OpenAsync(folder, TimeProvider.System, Cancellation);
        while (Files.Length > 0) await Task.Delay(5, Cancellation);
    }

    [Fact]
    public async Task References_to_nothing_are_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await database.WriteAsync(
            sql =>
            {
                database.Blobs.AddReferences(sql, 12345);
                return 0;
            },
            Cancellation));

    [Fact]
    public void Files_and_folders_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        database.Blobs.Prepare(new byte[200_000]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Files)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(Files[0])!));
    }

    private async Task StoreAsync(PreparedBlob blob, int references) => await database.WriteAsync(
        sql =>
        {
            database.Blobs.Put(sql, blob, references);
            return 0;
        },
        Cancellation);

    private async Task ReleaseAsync(long id, int references) => await database.WriteAsync(
        sql =>
        {
            database.Blobs.Release(sql, id, references);
            return 0;
        },
        Cancellation);

    private async Task<byte[]?> ReadAsync(long id) => await database.ReadAsync(sql => database.Blobs.Read(sql, id), Cancellation);
}
