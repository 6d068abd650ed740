using System.Text.Json;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Refitting;

/// <summary>The proposals of the nightly refit.</summary>
public static class Proposals
{
    /// <summary>The newest; null where there is none.</summary>
    public static ValueTask<Proposal?> LatestAsync(Database database, CancellationToken cancellation) =>
        database.ReadAsync(
            sql => sql.First($"select content from filter_proposals order by id desc limit 1", row => row.GetString(0)) is { } content ? JsonSerializer.Deserialize<Proposal>(content) : null,
            cancellation);
}
