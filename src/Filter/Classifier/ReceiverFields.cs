namespace Sternpost.Filter.Classifier;

/// <summary>
/// Header fields that say which way a message came, or what others thought of it, and not who wrote it. A model that reads them
/// learns the mailbox its examples were gathered from instead of the spam (docs/accuracy.md).
/// </summary>
internal static class ReceiverFields
{
    private static readonly string[] Names =
    [
        "Date", "Received", "Return-Path", "Received-SPF", "Delivered-To", "Envelope-To", "Status", "Lines", "Content-Length", "X-Status", "X-Loop",
        "Authentication-Results*", "ARC-*", "DKIM-*", "DomainKey-*", "Old-*", "Original-*", "IronPort-*", "Resent-*",
        "X-Account*", "X-AMP-*", "X-Antivirus*", "X-Apple-*", "X-ASG-*", "X-Authentication-Warning", "X-AuthUser", "X-Barracuda*", "X-BeenThere",
        "X-CFilter-*", "X-CSA-*", "X-Delivered*", "X-Envelope-*", "X-EOP*", "X-ExtLoop*", "X-Forefront*", "X-Forwarded-*", "X-Gm-*", "X-Gmail-*",
        "X-Google-*", "X-Greylist*", "X-HE-Tag", "X-IronPort*", "X-LD-*", "X-List*", "X-Mailman*", "X-MailScanner*", "X-ME-*", "X-Microsoft-Antispam*",
        "X-Migadu*", "X-Mimecast-*", "X-MS-Exchange-*", "X-Old-*", "X-Original-*", "X-Policy*", "X-Proofpoint-*", "X-Rcpt*", "X-Received*", "X-Rspamd*",
        "X-RZG*", "X-Sasl*", "X-Scanned*", "X-Sender-*", "X-Session-Marker", "X-Spam*", "X-SRS-*", "X-Sternpost-*", "X-TM-*", "X-UI-*", "X-UIDL", "X-Virus*",
    ];

    // By the letter that tells them apart: the first, or the one after "X-".
    private static readonly (byte[] Name, bool Prefix)[][] ByLetter = Index();

    internal static bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var (other, prefix) in ByLetter[Letter(name)])
        {
            if (prefix ? name.Length >= other.Length && System.Text.Ascii.EqualsIgnoreCase(name[..other.Length], other) : System.Text.Ascii.EqualsIgnoreCase(name, other)) return true;
        }
        return false;
    }

    private static int Letter(ReadOnlySpan<byte> name)
    {
        if (name.Length < 3) return 0;
        var custom = name[0] is (byte)'x' or (byte)'X' && name[1] == '-';
        return ((custom ? name[2] : name[0]) & 0x1F) | (custom ? 0x20 : 0);
    }

    private static (byte[] Name, bool Prefix)[][] Index()
    {
        var index = new List<(byte[], bool)>[64];
        for (var i = 0; i < index.Length; i++) index[i] = [];
        foreach (var name in Names)
        {
            var octets = System.Text.Encoding.ASCII.GetBytes(name.TrimEnd('*'));
            index[Letter(octets)].Add((octets, name.EndsWith('*')));
        }
        return [.. index.Select(list => list.ToArray())];
    }
}
