using System.Text;
using MimeKit;
using Sternpost.Messages.Structure;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Messages.Structure;

/// <summary>Messages of many projects' own tests: none throws, every offset holds, and where MimeKit reads the message at all it finds the same parts at the same octets.</summary>
public sealed class MimeSuiteTests
{
    // Where the two differ, and why ours stays.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["bounce/sisimai/maildir/bsd/lhost-postfix-01.eml"] = "a message part without a header: ours is an empty message, MimeKit's none",
        ["bounce/sisimai/maildir/bsd/rfc3464-35.eml"] = "likewise",
        ["mailparser-node/decoderended.eml"] = "likewise",
        ["cpython/msg_14.txt"] = "Content-Type without subtype: RFC 2045 §5.2 says text/plain, MimeKit application/octet-stream",
        ["enmime/parts/barren-content-type.raw"] = "likewise",
        ["enmime/parts/empty-ctype-bad-content.raw"] = "likewise",
        ["flanker/messages/spam/broken-ctype.eml"] = "likewise",
        ["mime4j/mimetools-testmsgs/multi-digest.msg"] = "likewise",
        ["mime4j/mimetools-testmsgs/multi-digest.out"] = "likewise",
        ["cpython/msg_36.txt"] = "message/external-body holds no message (RFC 2046 §5.2.3), MimeKit descends",
        ["flanker/messages/message-external-body.eml"] = "likewise",
        ["mailparser-malformed/rfc/001.eml"] = "likewise",
        ["flanker/messages/apache-message-news-mime.eml"] = "message/news is obsolete (RFC 5537 §2.3) and IMAP knows only message/rfc822 and global",
        ["mailparser-malformed/malformed/000.eml"] = "delimiters with nothing between them: ours are empty parts",
        ["mime4j/testmsgs/very-long-boundary.msg"] = "a boundary longer than MimeKit's limit",
        ["mime4j/testmsgs/very-long-boundary.out"] = "likewise",
        ["mime4j/testmsgs/weird-boundary.msg"] = "a boundary of characters MimeKit does not find",
        ["mime4j/testmsgs/weird-boundary.out"] = "likewise",
    };

    [Fact]
    public void Parts_lie_where_MimeKit_finds_them()
    {
        var compared = 0;
        var differing = new List<string>();
        foreach (var (name, message) in Messages())
        {
            var structure = MessageStructure.Parse(message);
            StructureAssert.IsSound(structure, message.Length);
            StructureAssert.Same(structure, MessageStructure.TryRead(structure.ToBytes()));
            if (MimeKitOutline.Of(message) is not { } theirs) continue;
            compared++;
            if (MimeKitOutline.Of(structure.Root) != theirs) differing.Add(name);
        }
        Assert.Equal(Differences.Keys.Order(StringComparer.Ordinal), differing.Order(StringComparer.Ordinal));
        Assert.True(compared > 1300, $"only {compared} messages were compared");
    }

    [Fact]
    public void Addresses_are_those_MimeKit_reads()
    {
        // The two disagree on what is no address at all: an empty one, a group as an address, a name alone, a comma left out.
        string[] malformed = ["<>", "Undisclosed-Recipient:@", "Mary Smith", "Bob Dunite <bob@extern> Bobby", "Weiß foo@bar.com", "Big Bug bb@bug.com"];
        var differing = new List<string>();
        foreach (var (name, message) in Messages())
        {
            MimeMessage theirs;
            try
            {
                theirs = MimeMessage.Load(new MemoryStream(message), TestContext.Current.CancellationToken);
            }
            catch (FormatException)
            {
                continue;
            }
            var ours = MessageStructure.Parse(message).Envelope;
            foreach (var (field, mine, other) in new[] { ("From", ours.From, theirs.From), ("To", ours.To, theirs.To), ("Cc", ours.Cc, theirs.Cc) })
            {
                // A field that stands twice: ours is the first, MimeKit's their union.
                if (theirs.Headers.Count(header => header.Field.Equals(field, StringComparison.OrdinalIgnoreCase)) > 1) continue;
                if (malformed.Any((theirs.Headers[field] ?? "").Contains)) continue;
                var expected = string.Join('|', other.Mailboxes.Select(mailbox => mailbox.Address.Contains('@') ? mailbox.LocalPart + "@" + mailbox.Domain : mailbox.Address + "@"));
                var actual = string.Join('|', mine.Where(address => address.Host is not null).Select(address => address.Mailbox + "@" + address.Host));
                if (!actual.Equals(expected.Replace("\"", ""), StringComparison.OrdinalIgnoreCase)) differing.Add($"{name} {field}: {actual} not {expected}");
            }
        }
        Assert.Empty(differing);
    }

    private static IEnumerable<(string Name, byte[] Message)> Messages()
    {
        var folder = Suites.Require("mime");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            yield return (Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllBytes(file));
    }
}
