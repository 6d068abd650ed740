using MimeKit;

namespace Sternpost.Sieve.Running;

/// <summary>The structured MIME fields taken apart.</summary>
internal static class MimeField
{
    /// <summary>"text", "plain" and the parameters of a Content-Type; the value and the parameters of a Content-Disposition; what is neither is empty.</summary>
    internal static (string Type, string Subtype, IReadOnlyList<KeyValuePair<string, string>> Parameters) Split(SieveField field)
    {
        if (field.Is("content-type") && ContentType.TryParse(field.Value, out var type)) return (type.MediaType, type.MediaSubtype, [.. type.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))]);
        if (field.Is("content-disposition") && ContentDisposition.TryParse(field.Value, out var disposition)) return (disposition.Disposition, "", [.. disposition.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))]);
        return ("", "", []);
    }
}
