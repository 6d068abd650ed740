using System.Security.Cryptography;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>
/// A message as DKIM2 hashes it (draft §6): the signed fields by name in canonical form, those of one name from the bottom up, and the
/// lines of the body. Recipes take it back from hop to hop.
/// </summary>
internal sealed class InstanceState
{
    // §4.1, beside everything that begins with "received-" or "x-", and the fields of DKIM2 itself (§6.2).
    private static readonly HashSet<string> Unsigned = new(StringComparer.Ordinal)
    {
        "apparently-to", "arc-authentication-results", "arc-message-signature", "arc-seal", "authentication-results", "auto-submitted", "delivered-to", "dkim-signature",
        "dl-expansion-history", "original-recipient", "received", "return-path", "sio-label-history", "vbr-info", "x400-received", "x400-trace",
        "message-instance", "dkim2-signature",
    };

    private readonly SortedDictionary<string, List<byte[]>> fields = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> body;
    private bool bodyIsLost;

    private InstanceState(ReadOnlyMemory<byte> body) => this.body = body;

    internal static InstanceState Of(RawHeader header, ReadOnlyMemory<byte> message)
    {
        var state = new InstanceState(message[header.BodyStart..]);
        for (var i = header.Fields.Count - 1; i >= 0; i--)
        {
            var field = header.Fields[i];
            if (field.NameLength == 0) continue;
            var name = System.Text.Encoding.Latin1.GetString(header.Name(field)).ToLowerInvariant();
            if (!IsUnsigned(name)) state.Of(name).Add(Canonical(header.Value(field)));
        }
        return state;
    }

    /// <summary>Compares with what the instance says; null where it is so, otherwise which hash is not.</summary>
    internal string? Mismatch(InstanceHash wanted)
    {
        var algorithm = wanted.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        using var hash = IncrementalHash.CreateHash(algorithm);
        foreach (var (name, values) in fields)
        {
            var octets = System.Text.Encoding.Latin1.GetBytes(name + ":");
            foreach (var value in values)
            {
                hash.AppendData(octets);
                hash.AppendData(value);
                hash.AppendData("\r\n"u8);
            }
        }
        if (!CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), wanted.Header)) return "header";
        if (bodyIsLost) return null;
        BodyCanonicalization.Hash(hash, body.Span, relaxed: false);
        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), wanted.Body) ? null : "body";
    }

    /// <summary>Undoes a hop; false where the recipe copies what is not there.</summary>
    internal bool TryUndo(Recipe recipe)
    {
        foreach (var (name, steps) in recipe.Header)
        {
            // §5.1: recipes should not speak of these, and count for nothing where they do.
            if (IsUnsigned(name)) continue;
            var now = Of(name);
            var before = new List<byte[]>();
            foreach (var step in steps)
            {
                if (step.Lines is not null) before.AddRange(step.Lines.Select(line => Canonical(line)));
                else if (step.Last > now.Count) return false;
                else before.AddRange(now.GetRange(step.First - 1, step.Last - step.First + 1));
            }
            if (before.Count == 0) fields.Remove(name);
            else fields[name] = before;
        }
        bodyIsLost |= recipe.BodyIsLost;
        return recipe.Body is null || bodyIsLost || TryUndoBody(recipe.Body);
    }

    private bool TryUndoBody(IReadOnlyList<RecipeStep> steps)
    {
        var before = new MemoryStream(body.Length);
        var (line, at) = (1, 0);
        foreach (var step in steps)
        {
            if (step.Lines is not null)
            {
                foreach (var given in step.Lines)
                {
                    before.Write(given);
                    before.Write("\r\n"u8);
                }
                continue;
            }
            // Steps ascend, so the body is walked once.
            while (line < step.First && at < body.Length) (line, at) = (line + 1, NextLine(at));
            var start = at;
            while (line <= step.Last && at < body.Length) (line, at) = (line + 1, NextLine(at));
            // Lines past the end are empty ones that the canonical form takes away.
            before.Write(body.Span[start..at]);
            if (at > start && body.Span[at - 1] != '\n') before.Write("\r\n"u8);
        }
        body = before.ToArray();
        return true;
    }

    private int NextLine(int at)
    {
        var feed = body.Span[at..].IndexOf((byte)'\n');
        return feed < 0 ? body.Length : at + feed + 1;
    }

    private List<byte[]> Of(string name)
    {
        if (!fields.TryGetValue(name, out var values)) fields[name] = values = [];
        return values;
    }

    private static bool IsUnsigned(string name) =>
        Unsigned.Contains(name) || name.StartsWith("x-", StringComparison.Ordinal) || name.StartsWith("received-", StringComparison.Ordinal);

    // §6.2: unfolded, runs of white space one space, none at either end.
    private static byte[] Canonical(ReadOnlySpan<byte> value)
    {
        var kept = new byte[value.Length];
        var length = 0;
        var space = false;
        foreach (var octet in value)
        {
            if (octet is (byte)'\r' or (byte)'\n') continue;
            if (octet is (byte)' ' or (byte)'\t')
            {
                space = length > 0;
                continue;
            }
            if (space) kept[length++] = (byte)' ';
            space = false;
            kept[length++] = octet;
        }
        return kept[..length];
    }
}
