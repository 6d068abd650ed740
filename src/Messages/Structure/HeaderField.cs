using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>The header fields a structure is made of.</summary>
internal enum HeaderField
{
    ContentType,
    ContentTransferEncoding,
    ContentDisposition,
    ContentId,
    ContentDescription,
    ContentMd5,
    ContentLanguage,
    ContentLocation,
    Date,
    Subject,
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
    InReplyTo,
    MessageId,
    References,
    Other,
}

/// <summary>Recognises a field by its name.</summary>
internal static class HeaderFieldNames
{
    internal static HeaderField Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Is(name, "To"u8, HeaderField.To, "Cc"u8, HeaderField.Cc),
        3 => Is(name, "Bcc"u8, HeaderField.Bcc),
        4 => Is(name, "From"u8, HeaderField.From, "Date"u8, HeaderField.Date),
        6 => Is(name, "Sender"u8, HeaderField.Sender),
        7 => Is(name, "Subject"u8, HeaderField.Subject),
        8 => Is(name, "Reply-To"u8, HeaderField.ReplyTo),
        10 => Is(name, "Message-ID"u8, HeaderField.MessageId, "Content-ID"u8, HeaderField.ContentId, "References"u8, HeaderField.References),
        11 => Is(name, "In-Reply-To"u8, HeaderField.InReplyTo, "Content-MD5"u8, HeaderField.ContentMd5),
        12 => Is(name, "Content-Type"u8, HeaderField.ContentType),
        16 => Is(name, "Content-Language"u8, HeaderField.ContentLanguage, "Content-Location"u8, HeaderField.ContentLocation),
        19 => Is(name, "Content-Disposition"u8, HeaderField.ContentDisposition, "Content-Description"u8, HeaderField.ContentDescription),
        25 => Is(name, "Content-Transfer-Encoding"u8, HeaderField.ContentTransferEncoding),
        _ => HeaderField.Other,
    };

    private static HeaderField Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> one, HeaderField field) =>
        Ascii.EqualsIgnoreCase(name, one) ? field : HeaderField.Other;

    private static HeaderField Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> one, HeaderField field, ReadOnlySpan<byte> two, HeaderField other) =>
        Ascii.EqualsIgnoreCase(name, one) ? field : Is(name, two, other);

    private static HeaderField Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> one, HeaderField field, ReadOnlySpan<byte> two, HeaderField other, ReadOnlySpan<byte> three, HeaderField another) =>
        Ascii.EqualsIgnoreCase(name, one) ? field : Is(name, two, other, three, another);
}
