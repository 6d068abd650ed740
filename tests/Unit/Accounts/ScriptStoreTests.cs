using System.Text;
using CsCheck;
using Sternpost.Accounts.Scripts;

namespace Sternpost.Unit.Accounts;

/// <summary>Scripts of accounts: names, limits, the active one, and who sees a change when.</summary>
public sealed class ScriptStoreTests
{
    private static readonly byte[] Text = "keep;\r\n"u8.ToArray();

    [Theory]
    [InlineData("a")]
    [InlineData("my script")]
    [InlineData("../../etc/passwd")]
    [InlineData("Urlaub – März")]
    [InlineData("名前")]
    [InlineData("\U0001F4E7")]
    public void Names_that_are_good(string text)
    {
        Assert.True(ScriptName.TryParse(text, out var name, out _));
        Assert.Equal(text, name.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("\u007F")]
    [InlineData("\u0085")]
    [InlineData("a\u2028b")]
    [InlineData("a\u2029b")]
    public void Names_that_are_none(string text)
    {
        Assert.False(ScriptName.TryParse(text, out var name, out var problem));
        Assert.Null(name);
        Assert.NotEqual("", problem);
    }

    [Fact]
    public void A_name_has_512_octets_at_most_and_128_characters_always_fit()
    {
        Assert.True(ScriptName.TryParse(string.Concat(Enumerable.Repeat("\U0001F4E7", 128)), out _, out _));
        Assert.False(ScriptName.TryParse(new string('x', 513), out _, out _));
    }

    [Fact]
    public void The_same_name_however_it_was_typed_is_one()
    {
        Assert.True(ScriptName.TryParse("Ma\u0308rz", out var typed, out _));
        Assert.True(ScriptName.TryParse("M\u00E4rz", out var composed, out _));
        Assert.Equal(composed, typed);
    }

    [Fact]
    public void A_name_that_was_read_reads_as_itself() => Gen.String.Sample(
        text =>
        {
            if (!ScriptName.TryParse(text, out var name, out _)) return;
            Assert.InRange(Encoding.UTF8.GetByteCount(name.Value), 1, ScriptName.MaxOctets);
            Assert.True(ScriptName.TryParse(name.Value, out var again, out _));
            Assert.Equal(name, again);
        });

    [Fact]
    public async Task A_script_is_stored_replaced_renamed_and_removed()
    {
        await using var room = await Room.OpenAsync();
        Assert.Equal(StoreOutcome.Done, await room.PutAsync("one"));
        room.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StoreOutcome.Done, await room.PutAsync("one", "discard;\r\n"));
        var listed = Assert.Single(await room.Scripts.ListAsync(room.Alice, default));
        Assert.Equal(("one", false, 10, TimeSpan.FromMinutes(1)), (listed.Name.Value, listed.IsActive, listed.Size, listed.Changed - listed.Created));
        Assert.Equal("discard;\r\n", await room.ReadAsync("one"));
        Assert.Equal(StoreOutcome.NonExistent, await room.RenameAsync("none", "two"));
        Assert.Equal(StoreOutcome.AlreadyExists, await room.RenameAsync("one", "one"));
        Assert.Equal(StoreOutcome.Done, await room.RenameAsync("one", "two"));
        Assert.Null(await room.ReadAsync("one"));
        Assert.Equal("discard;\r\n", await room.ReadAsync("two"));
        Assert.Equal(StoreOutcome.NonExistent, await room.RemoveAsync("one"));
        Assert.Equal(StoreOutcome.Done, await room.RemoveAsync("two"));
        Assert.Empty(await room.Scripts.ListAsync(room.Alice, default));
    }

    [Fact]
    public async Task One_script_is_active_and_stays_so_under_another_name_and_with_another_text()
    {
        await using var room = await Room.OpenAsync();
        Assert.Null(await room.ActiveAsync());
        Assert.Equal(StoreOutcome.Done, await room.ActivateAsync(null));
        Assert.Equal(StoreOutcome.NonExistent, await room.ActivateAsync("one"));
        await room.PutAsync("one");
        await room.PutAsync("two", "stop;\r\n");
        Assert.Null(await room.ActiveAsync());
        Assert.Equal(StoreOutcome.Done, await room.ActivateAsync("one"));
        Assert.Equal("one: keep;\r\n", await room.ActiveAsync());
        Assert.Equal(StoreOutcome.Active, await room.RemoveAsync("one"));
        await room.ActivateAsync("two");
        Assert.Equal("two: stop;\r\n", await room.ActiveAsync());
        await room.RenameAsync("two", "three");
        Assert.Equal("three: stop;\r\n", await room.ActiveAsync());
        await room.PutAsync("three", "discard;\r\n");
        Assert.Equal("three: discard;\r\n", await room.ActiveAsync());
        Assert.Equal("three", Assert.Single(await room.Scripts.ListAsync(room.Alice, default), script => script.IsActive).Name.Value);
        Assert.Equal(StoreOutcome.Done, await room.ActivateAsync(null));
        Assert.Null(await room.ActiveAsync());
        Assert.Equal(2, (await room.Scripts.ListAsync(room.Alice, default)).Count);
    }

    [Fact]
    public async Task Limits_hold_and_what_is_refused_changes_nothing()
    {
        await using var room = await Room.OpenAsync();
        Assert.Equal(StoreOutcome.Empty, await room.PutAsync("empty", ""));
        Assert.Equal(StoreOutcome.TooLarge, await room.PutAsync("large", new string('#', ScriptStore.MaxOctets + 1)));
        Assert.Equal(StoreOutcome.Done, await room.PutAsync("largest", new string('#', ScriptStore.MaxOctets)));
        for (var i = 1; i < ScriptStore.MaxScripts; i++) Assert.Equal(StoreOutcome.Done, await room.PutAsync($"script {i}"));
        Assert.Equal(StoreOutcome.TooMany, await room.PutAsync("one more"));
        Assert.Equal(StoreOutcome.TooMany, await room.Scripts.HasSpaceAsync(room.Alice, Room.Name("one more"), 1, default));
        Assert.Equal(StoreOutcome.TooLarge, await room.Scripts.HasSpaceAsync(room.Alice, Room.Name("script 1"), ScriptStore.MaxOctets + 1, default));
        Assert.Equal(StoreOutcome.Done, await room.Scripts.HasSpaceAsync(room.Alice, Room.Name("script 1"), ScriptStore.MaxOctets, default));
        Assert.Equal(StoreOutcome.Done, await room.PutAsync("script 1", "stop;\r\n"));
        Assert.Equal(ScriptStore.MaxScripts, (await room.Scripts.ListAsync(room.Alice, default)).Count);
        Assert.Equal(StoreOutcome.Done, await room.Scripts.PutAsync(room.Bob, Room.Name("one more"), Text, default));
    }

    [Fact]
    public async Task Scripts_go_with_their_account_and_nobody_elses_do()
    {
        await using var room = await Room.OpenAsync();
        await room.PutAsync("one");
        await room.ActivateAsync("one");
        await room.Scripts.PutAsync(room.Bob, Room.Name("one"), Text, default);
        await room.Folder.Directory.RemoveAccountAsync(AccountsFolder.Address("alice@example.com"), default);
        Assert.Empty(await room.Scripts.ListAsync(room.Alice, default));
        Assert.Single(await room.Scripts.ListAsync(room.Bob, default));
        Assert.Equal(StoreOutcome.NoAccount, await room.PutAsync("late"));
        Assert.Empty(await room.Folder.Database.ReadAsync(ScriptStore.Check, default));
    }

    [Fact]
    public async Task An_active_script_is_read_once_and_again_only_after_a_change()
    {
        await using var room = await Room.OpenAsync();
        await room.PutAsync("one");
        await room.ActivateAsync("one");
        var first = await room.Scripts.ActiveAsync(room.Alice, default);
        room.Time.Advance(TimeSpan.FromHours(1));
        await room.Scripts.PutAsync(room.Bob, Room.Name("other"), Text, default);
        Assert.Same(first, await room.Scripts.ActiveAsync(room.Alice, default));
        // A script that is not active may be included by the one that is, so it counts too.
        await room.PutAsync("two");
        var second = await room.Scripts.ActiveAsync(room.Alice, default);
        Assert.NotEqual(first!.Version, second!.Version);
    }

    [Fact]
    public async Task Another_process_sees_a_change_within_a_second()
    {
        await using var room = await Room.OpenAsync();
        await using var commandLine = await room.Folder.OpenAgainAsync();
        var beside = new ScriptStore(commandLine.Database, commandLine.Time);
        Assert.Null(await room.ActiveAsync());
        await beside.PutAsync(room.Alice, Room.Name("one"), Text, default);
        await beside.ActivateAsync(room.Alice, Room.Name("one"), default);
        Assert.Equal("one", (await beside.ActiveAsync(room.Alice, default))?.Name.Value);
        Assert.Null(await room.ActiveAsync());
        room.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("one: keep;\r\n", await room.ActiveAsync());
        await beside.ActivateAsync(room.Alice, null, default);
        room.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await room.ActiveAsync());
    }

    [Fact]
    public async Task Readers_beside_writers_end_with_what_was_written_last()
    {
        await using var room = await Room.OpenAsync();
        await room.PutAsync("one");
        await room.ActivateAsync("one");
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var last = -1;
            while (!done.IsCancellationRequested)
            {
                var text = Encoding.UTF8.GetString((await room.Scripts.ActiveAsync(room.Alice, default))!.Content.Span);
                var number = text == "keep;\r\n" ? 0 : int.Parse(text[1..]);
                // What was seen once is never unseen.
                Assert.True(number >= last, $"{number} after {last}");
                last = number;
            }
        })).ToArray();
        for (var i = 1; i <= 200; i++)
        {
            await room.PutAsync("one", $"#{i}");
            Assert.Equal($"one: #{i}", await room.ActiveAsync());
        }
        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task What_is_wrong_with_the_rows_is_named()
    {
        await using var room = await Room.OpenAsync();
        await room.PutAsync("one");
        await room.Folder.Database.WriteAsync(sql => sql.Execute($"update sieve_scripts set size = 3"), default);
        Assert.Contains("'one'", Assert.Single(await room.Folder.Database.ReadAsync(ScriptStore.Check, default)), StringComparison.Ordinal);
    }

    private sealed class Room : IAsyncDisposable
    {
        private Room(AccountsFolder folder, long alice, long bob)
        {
            (Folder, Alice, Bob) = (folder, alice, bob);
            Scripts = new ScriptStore(folder.Database, folder.Time);
        }

        internal AccountsFolder Folder { get; }

        internal long Alice { get; }

        internal long Bob { get; }

        internal ScriptStore Scripts { get; }

        internal Microsoft.Extensions.Time.Testing.FakeTimeProvider Time => Folder.Time;

        internal static async Task<Room> OpenAsync()
        {
            var folder = await AccountsFolder.CreateAsync();
            return new Room(folder, (await folder.AddAsync("alice@example.com")).Id, (await folder.AddAsync("bob@example.com")).Id);
        }

        internal static ScriptName Name(string text) => ScriptName.TryParse(text, out var name, out _) ? name : throw new ArgumentException(text);

        internal ValueTask<StoreOutcome> PutAsync(string name, string text = "keep;\r\n") => Scripts.PutAsync(Alice, Name(name), Encoding.UTF8.GetBytes(text), default);

        internal ValueTask<StoreOutcome> ActivateAsync(string? name) => Scripts.ActivateAsync(Alice, name is null ? null : Name(name), default);

        internal ValueTask<StoreOutcome> RenameAsync(string name, string fresh) => Scripts.RenameAsync(Alice, Name(name), Name(fresh), default);

        internal ValueTask<StoreOutcome> RemoveAsync(string name) => Scripts.RemoveAsync(Alice, Name(name), default);

        internal async Task<string?> ReadAsync(string name) => await Scripts.ReadAsync(Alice, Name(name), default) is { } content ? Encoding.UTF8.GetString(content.Span) : null;

        internal async Task<string?> ActiveAsync() => await Scripts.ActiveAsync(Alice, default) is { } active ? $"{active.Name}: {Encoding.UTF8.GetString(active.Content.Span)}" : null;

        public ValueTask DisposeAsync() => Folder.DisposeAsync();
    }
}
