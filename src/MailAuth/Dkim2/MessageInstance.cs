namespace Sternpost.MailAuth.Dkim2;

/// <summary>A Message-Instance field (draft §7): what the message was after one hop, and how to undo what that hop did.</summary>
/// <param name="Number">m=.</param>
/// <param name="Hashes">The hashes we know the algorithm of.</param>
/// <param name="Recipe">r=; null where nothing is to be undone.</param>
/// <param name="Tags">All of it.</param>
internal sealed record MessageInstance(long Number, IReadOnlyList<InstanceHash> Hashes, Recipe? Recipe, Dkim2Tags Tags)
{
    private const int MaxHashes = 8;

    /// <exception cref="Dkim2Exception">It breaks the grammar.</exception>
    internal static MessageInstance Read(ReadOnlySpan<byte> value)
    {
        if (!Dkim2Tags.TryParse("message-instance", value, out var tags) || tags.Number("m") is not { } number || number == 0)
            throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={Dkim2Fields.Shown(tags["m"])} syntax error");
        if (tags["h"] is not { } sets) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={number} tag=h missing");
        var hashes = new List<InstanceHash>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in sets.Split(',', MaxHashes + 1))
        {
            var pieces = set.Split(':');
            if (pieces.Length != 3 || seen.Count == MaxHashes || Dkim2Tags.Base64(pieces[1]) is not { } header || Dkim2Tags.Base64(pieces[2]) is not { } body)
                throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={number} syntax error");
            if (!seen.Add(pieces[0])) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={number} has a duplicate hash algorithm");
            // §3.4: others are to be ignored.
            if (pieces[0] is "sha256" or "sha512") hashes.Add(new InstanceHash(pieces[0], header, body));
        }
        var recipe = tags["r"] is { Length: > 0 } text ? Recipe.Read(text) ?? throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={number} contains invalid JSON") : null;
        return new MessageInstance(number, hashes, recipe, tags);
    }
}

/// <summary>The hashes of one algorithm.</summary>
internal sealed record InstanceHash(string Algorithm, byte[] Header, byte[] Body);
