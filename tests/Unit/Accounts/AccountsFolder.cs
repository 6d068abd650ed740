using Microsoft.Extensions.Time.Testing;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Unit.Accounts;

/// <summary>A data folder with the domain example.com and a clock that stands still, and what a server keeps in memory about it.</summary>
internal sealed class AccountsFolder : IAsyncDisposable
{
    internal const string Password = "correct horse battery";

    private readonly bool owner;

    private AccountsFolder(string folder, bool owner, Database database, FakeTimeProvider time)
    {
        this.owner = owner;
        Folder = folder;
        Database = database;
        Time = time;
        Directory = new AccountDirectory(database, time);
        Credentials = new Credentials(database, Directory, time);
        Sasl = new SaslServer(Credentials);
    }

    internal string Folder { get; }

    internal Database Database { get; }

    internal FakeTimeProvider Time { get; }

    internal AccountDirectory Directory { get; }

    internal Credentials Credentials { get; }

    internal SaslServer Sasl { get; }

    internal static async Task<AccountsFolder> CreateAsync(params string[] accounts)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("accounts").FullName;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var made = new AccountsFolder(folder, owner: true, await Database.OpenAsync(folder, time, default), time);
        Assert.True(await made.Directory.AddDomainAsync(DomainName.Parse("example.com"), default));
        foreach (var account in accounts) await made.AddAsync(account);
        return made;
    }

    /// <summary>Another process on the same folder.</summary>
    internal async Task<AccountsFolder> OpenAgainAsync() => new(Folder, owner: false, await Database.OpenAsync(Folder, Time, default), Time);

    internal ValueTask<Account> AddAsync(string address, bool administrator = false, long quota = 0) =>
        Directory.AddAccountAsync(Address(address), Password, "", administrator, quota, default);

    internal ValueTask AliasAsync(string pattern, string target) => Directory.AddAliasAsync(pattern, Address(target), default);

    /// <summary>An alias as no caller may make it, as two administrators at once or another release might have left it.</summary>
    internal async Task StoreAliasAsync(string pattern, string target)
    {
        var id = Database.NextId();
        var domain = pattern[(pattern.IndexOf('@', StringComparison.Ordinal) + 1)..];
        await Database.WriteAsync(
            sql => sql.Execute($"insert into aliases (id, domain_id, pattern, target, created) select {id}, id, {pattern}, {target}, 0 from domains where name = {domain}")
                + sql.Execute($"update directory_version set version = version + 1 where id = 1"),
            default);
        Time.Advance(TimeSpan.FromSeconds(2));
    }

    internal ValueTask UseAsync(string address, long octets) => new(Database.WriteAsync(
        sql => sql.Execute($"update accounts set used_bytes = {octets} where address = {address}"), default).AsTask());

    /// <summary>What an address comes to, in words: <c>alice@example.com+detail &gt;outside@elsewhere.test</c>.</summary>
    internal async Task<string> ResolveAsync(string address) => await Directory.ResolveAsync(Address(address), default) switch
    {
        RecipientResolution.Deliver deliver => string.Join(' ', deliver.Local
            .Select(target => target.Account.Address + (target.Detail is null ? "" : "+" + target.Detail)).Order(StringComparer.Ordinal)
            .Concat(deliver.Forward.Select(target => ">" + target).Order(StringComparer.Ordinal))),
        var other => other.GetType().Name,
    };

    internal static EmailAddress Address(string text) => EmailAddress.Parse(text);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (owner) System.IO.Directory.Delete(Folder, recursive: true);
    }
}
