using Microsoft.Data.Sqlite;
using Sternpost.Storage;

namespace Sternpost.Unit.Storage;

public sealed class DatabaseTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-database-").FullName;
    private Database database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await Database.OpenAsync(folder, TimeProvider.System, Cancellation);
        await WriteAsync(sql => sql.Execute($"create table things (id integer primary key, number bigint, words text, truth boolean, octets bytea)"));
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Values_of_every_kind_come_back_as_they_went_in()
    {
        byte[] octets = [0, 1, 255];
        var words = string.Concat(Enumerable.Repeat("ä€😀'\0;", 200));
        await WriteAsync(sql => sql.Execute($"insert into things values ({1}, {long.MinValue}, {words}, {true}, {octets})"));
        await WriteAsync(sql => sql.Execute($"insert into things values ({2}, {(long?)null}, {(string?)null}, {false}, {(byte[]?)null})"));
        await WriteAsync(sql => sql.Execute($"insert into things values ({3}, {uint.MaxValue}, {""}, {false}, {ReadOnlyMemory<byte>.Empty})"));
        var rows = await database.ReadAsync(
            sql => sql.Query(
                $"select number, words, truth, octets from things order by id",
                row => (row.IsDBNull(0) ? (long?)null : row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetBoolean(2), row.IsDBNull(3) ? null : Convert.ToHexString(row.GetFieldValue<byte[]>(3)))),
            Cancellation);
        Assert.Equal([(long.MinValue, words, true, "0001FF"), (null, null, false, null), (uint.MaxValue, "", false, "")], rows);
    }

    [Fact]
    public async Task A_null_is_not_read_as_a_value()
    {
        await WriteAsync(sql => sql.Execute($"insert into things (id) values (1)"));
        await Assert.ThrowsAsync<InvalidCastException>(async () => await database.ReadAsync(sql => sql.First($"select number from things", row => row.GetInt64(0)), Cancellation));
        await Assert.ThrowsAsync<InvalidCastException>(async () => await database.ReadAsync(sql => sql.First($"select words from things", row => row.GetString(0)), Cancellation));
        Assert.Null(await database.ReadAsync(sql => sql.First($"select words from things where id = 2", row => row.GetString(0)), Cancellation));
    }

    [Fact]
    public async Task A_statement_may_run_while_it_runs()
    {
        for (var i = 1; i <= 3; i++) await WriteAsync(sql => sql.Execute($"insert into things (id, number) values ({i}, {i + 1})"));
        Assert.Equal("1>2>3>4", await database.ReadAsync(sql => Follow(sql, 1), Cancellation));

        static string Follow(Sql sql, long id) => sql.First($"select number from things where id = {id}", row => id + ">" + Follow(sql, row.GetInt64(0))) ?? id.ToString();
    }

    [Fact]
    public async Task A_statement_with_two_statements_in_it_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await WriteAsync(sql => sql.Execute($"delete from things; delete from things")));

    [Fact]
    public async Task A_returning_statement_changes_all_its_rows_though_only_the_first_is_read()
    {
        for (var i = 1; i <= 3; i++) await WriteAsync(sql => sql.Execute($"insert into things (id, number) values ({i}, 0)"));
        await WriteAsync(sql => sql.First($"update things set number = 1 returning id", row => row.GetInt32(0)));
        Assert.Equal(3, await database.ReadAsync(sql => sql.First($"select sum(number) from things", row => row.GetInt32(0)), Cancellation));
    }

    [Fact]
    public async Task A_work_that_throws_is_undone_alone_in_its_group()
    {
        var works = Enumerable.Range(1, 200).Select(i => Task.Run(() => WriteAsync(sql =>
        {
            sql.Execute($"insert into things (id, number) values ({i}, 0)");
            if (i % 3 == 0) throw new TimeoutException();
            return i;
        }))).ToArray();
        for (var i = 1; i <= works.Length; i++)
        {
            if (i % 3 == 0) await Assert.ThrowsAsync<TimeoutException>(() => works[i - 1]);
            else Assert.Equal(i, await works[i - 1]);
        }
        Assert.Equal(134, await database.ReadAsync(sql => sql.First($"select count(*) from things", row => row.GetInt32(0)), Cancellation));
    }

    [Fact]
    public async Task A_broken_constraint_is_its_own_works_failure()
    {
        var both = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(async _ =>
            {
                try
                {
                    return await WriteAsync(sql => sql.Execute($"insert into things (id) values (7)"));
                }
                catch (SqliteException)
                {
                    return -1;
                }
            }));
        Assert.Equal([-1, 1], both.Order());
        Assert.Equal(1, await WriteAsync(sql => sql.Execute($"insert into things (id) values (8)")));
    }

    [Fact]
    public async Task A_full_disk_fails_the_works_it_hits_and_the_next_are_stored_again()
    {
        // The pages in use and a few more are all that SQLite may have now.
        var pages = await WriteAsync(sql => sql.First($"pragma page_count", row => row.GetInt64(0)));
        Assert.InRange(pages, 1, 230);
        await WriteAsync(sql => sql.First($"pragma max_page_count = 250", row => row.GetInt64(0)));
        var large = new byte[1_000_000];
        var full = await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(sql => sql.Execute($"insert into things (id, octets) values (1, {large})")));
        Assert.Equal(13, full.SqliteErrorCode);
        Assert.Equal(1, await WriteAsync(sql => sql.Execute($"insert into things (id, number) values (2, 2)")));
        await WriteAsync(sql => sql.First($"pragma max_page_count = 1000000", row => row.GetInt64(0)));
        Assert.Equal(1, await WriteAsync(sql => sql.Execute($"insert into things (id, octets) values (1, {large})")));
    }

    [Fact]
    public async Task What_follows_a_commit_runs_in_order_and_only_if_there_was_one()
    {
        var seen = new List<int>();
        await WriteAsync(sql =>
        {
            sql.AfterCommit(() => seen.Add(1));
            sql.AfterCommit(() => seen.Add(2));
            return 0;
        });
        await Assert.ThrowsAsync<TimeoutException>(() => WriteAsync<int>(sql =>
        {
            sql.AfterCommit(() => seen.Add(3));
            throw new TimeoutException();
        }));
        await WriteAsync(sql =>
        {
            sql.AfterCommit(() => seen.Add(4));
            return 0;
        });
        Assert.Equal([1, 2, 4], seen);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await database.ReadAsync(
            sql =>
            {
                sql.AfterCommit(() => { });
                return 0;
            },
            Cancellation));
    }

    [Fact]
    public async Task A_snapshot_does_not_see_what_is_committed_during_it()
    {
        var (before, after) = await database.ReadAsync(
            sql =>
            {
                var first = sql.First($"select count(*) from things", row => row.GetInt32(0));
                WriteAsync(other => other.Execute($"insert into things (id) values (1)")).Wait(Cancellation);
                return (first, sql.First($"select count(*) from things", row => row.GetInt32(0)));
            },
            Cancellation);
        Assert.Equal((0, 0), (before, after));
        Assert.Equal(1, await database.ReadAsync(sql => sql.First($"select count(*) from things", row => row.GetInt32(0)), Cancellation));
    }

    [Fact]
    public async Task The_foreign_version_changes_with_the_commits_of_others_only()
    {
        var start = await database.ForeignVersionAsync(Cancellation);
        await WriteAsync(sql => sql.Execute($"insert into things (id) values (1)"));
        Assert.Equal(start, await database.ForeignVersionAsync(Cancellation));
        await using (var other = await Database.OpenAsync(folder, TimeProvider.System, Cancellation))
        {
            await other.WriteAsync(sql => sql.Execute($"insert into things (id) values (2)"), Cancellation);
        }
        Assert.NotEqual(start, await database.ForeignVersionAsync(Cancellation));
    }

    [Fact]
    public async Task Ids_rise_and_repeat_not_even_across_threads()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 20_000).Select(_ => database.NextId()).ToArray())));
        Assert.All(ids, mine => Assert.Equal(mine.Order(), mine));
        Assert.Equal(80_000, ids.SelectMany(mine => mine).Distinct().Count());
    }

    [Fact]
    public async Task A_database_of_a_newer_release_is_refused()
    {
        await WriteAsync(sql => sql.Execute($"insert into schema_steps (number, name, applied) values (9999, '9999-later', 0)"));
        await database.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.OpenAsync(folder, TimeProvider.System, Cancellation));
    }

    private Task<T> WriteAsync<T>(Func<Sql, T> work) => database.WriteAsync(work, Cancellation).AsTask();
}
