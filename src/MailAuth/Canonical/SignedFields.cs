using System.Buffers;
using System.Text;

namespace Sternpost.MailAuth.Canonical;

/// <summary>Picks the fields that an h= tag names (RFC 6376 §5.4.2): repeated names take fields from the bottom up, names beyond the last field stand for absent ones.</summary>
internal static class SignedFields
{
    /// <summary>Appends the canonical form of the fields named, in the order named.</summary>
    public static void Append(IBufferWriter<byte> target, RawHeader header, IReadOnlyList<string> names, bool relaxed)
    {
        var fields = header.Fields;
        var taken = ArrayPool<bool>.Shared.Rent(Math.Max(1, fields.Count));
        taken.AsSpan().Clear();
        Span<byte> octets = stackalloc byte[128];
        foreach (var name in names)
        {
            // A name longer than this, or not ASCII, stands for no field.
            if (name.Length == 0 || name.Length > octets.Length || Encoding.ASCII.GetBytes(name, octets) is var length && length != name.Length) continue;
            var wanted = (ReadOnlySpan<byte>)octets[..length];
            var hash = RawHeader.HashName(wanted);
            for (var i = fields.Count - 1; i >= 0; i--)
            {
                var field = fields[i];
                if (field.NameHash != hash || taken[i] || !header.Is(field, wanted)) continue;
                taken[i] = true;
                HeaderCanonicalization.Append(target, header, field, relaxed);
                break;
            }
        }
        ArrayPool<bool>.Shared.Return(taken);
    }
}
