using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.Storage;

namespace Sternpost.Queue.Publishing;

/// <summary>The table of records that we put into zones.</summary>
internal static class PublishedRows
{
    internal static List<ZoneRecord> Of(Sql sql, DomainName domain) =>
        sql.Query(
            $"select name, type, data from published_records where domain = {domain.Ascii} order by name, type",
            row => DomainName.TryParseForQuery(row.GetString(0), out var name) ? new ZoneRecord(name, row.GetInt32(1), 0, row.GetFieldValue<byte[]>(2)) : null).OfType<ZoneRecord>().ToList();

    internal static void Add(Sql sql, DomainName domain, ZoneRecord record, DateTimeOffset now) => sql.Execute($"""
        insert into published_records (domain, name, type, data, published)
        values ({domain.Ascii}, {record.Name.Ascii}, {record.Type}, {record.Data.ToArray()}, {now.ToUnixTimeMilliseconds()})
        on conflict (domain, name, type, data) do update set published = excluded.published
        """);

    internal static void Remove(Sql sql, DomainName domain, ZoneRecord record) =>
        sql.Execute($"delete from published_records where domain = {domain.Ascii} and name = {record.Name.Ascii} and type = {record.Type} and data = {record.Data.ToArray()}");
}
