using Sternpost.Messages.Structure;

namespace Sternpost.Unit.Messages.Structure;

internal static class StructureAssert
{
    /// <summary>Every part lies in its parent, after its elder siblings, and no text of it can break a line of a protocol.</summary>
    internal static void IsSound(MessageStructure structure, long length)
    {
        Assert.Equal(0, structure.Root.HeaderOffset);
        Assert.Equal(length, structure.Root.BodyOffset + structure.Root.BodyLength);
        Check(structure, 0, length);
    }

    internal static void Same(MessageStructure expected, MessageStructure? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.ToBytes(), actual.ToBytes());
        Assert.Equal(expected.Envelope.Subject, actual.Envelope.Subject);
        Same(expected.Root, actual.Root);
    }

    private static void Same(PartStructure expected, PartStructure actual)
    {
        Assert.Equal((expected.Type, expected.Subtype, expected.HeaderOffset, expected.BodyOffset, expected.BodyLength, expected.Lines), (actual.Type, actual.Subtype, actual.HeaderOffset, actual.BodyOffset, actual.BodyLength, actual.Lines));
        Assert.Equal((expected.Id, expected.Description, expected.Encoding, expected.Md5, expected.Disposition, expected.Location), (actual.Id, actual.Description, actual.Encoding, actual.Md5, actual.Disposition, actual.Location));
        Assert.Equal(expected.Parameters, actual.Parameters);
        Assert.Equal(expected.DispositionParameters, actual.DispositionParameters);
        Assert.Equal(expected.Languages, actual.Languages);
        Assert.Equal(expected.Children.Count, actual.Children.Count);
        for (var i = 0; i < expected.Children.Count; i++) Same(expected.Children[i], actual.Children[i]);
        if (expected.Message is not null) Same(expected.Message, actual.Message);
    }

    private static void Check(MessageStructure message, long start, long end)
    {
        var envelope = message.Envelope;
        NoLineBreaks(envelope.Date, envelope.Subject, envelope.InReplyTo, envelope.MessageId);
        foreach (var address in (EnvelopeAddress[])[.. envelope.From, .. envelope.Sender, .. envelope.ReplyTo, .. envelope.To, .. envelope.Cc, .. envelope.Bcc])
        {
            NoLineBreaks(address.Name, address.Mailbox, address.Host);
            Assert.False(address.Host is not null && address.Mailbox is null);
        }
        Check(message.Root, start, end);
    }

    private static void Check(PartStructure part, long start, long end)
    {
        Assert.InRange(part.HeaderOffset, start, end);
        Assert.InRange(part.BodyOffset, part.HeaderOffset, end);
        Assert.InRange(part.BodyLength, 0, end - part.BodyOffset);
        Assert.InRange(part.Lines, 0, part.BodyLength);
        Assert.Matches("^[^\\s()<>@,;:\\\\\"/\\[\\]?=]+$", part.Type);
        Assert.Matches("^[^\\s()<>@,;:\\\\\"/\\[\\]?=]+$", part.Subtype);
        NoLineBreaks([part.Id, part.Description, part.Encoding, part.Md5, part.Disposition, part.Location, .. part.Languages]);
        foreach (var (name, value) in (KeyValuePair<string, string>[])[.. part.Parameters, .. part.DispositionParameters]) NoLineBreaks(name, value);
        var bodyEnd = part.BodyOffset + part.BodyLength;
        var from = part.BodyOffset;
        foreach (var child in part.Children)
        {
            Check(child, from, bodyEnd);
            from = child.BodyOffset + child.BodyLength;
        }
        if (part.Message is { } message)
        {
            Assert.Equal(part.BodyOffset, message.Root.HeaderOffset);
            Check(message, part.BodyOffset, bodyEnd);
        }
    }

    private static void NoLineBreaks(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts) Assert.True(text is null || text.AsSpan().IndexOfAny('\r', '\n', '\0') < 0);
    }
}
