namespace Sternpost.Messages.Structure;

/// <summary>Address lists of header fields, read as tolerantly as mail wants it.</summary>
public static class AddressList
{
    /// <summary>The addresses of an unfolded field value; groups as <see cref="EnvelopeAddress"/> marks them. Never fails.</summary>
    public static IReadOnlyList<EnvelopeAddress> Parse(string text) => EnvelopeAddresses.Parse(text);
}
