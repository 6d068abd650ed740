using System.Text;
using System.Xml.Linq;
using Sternpost.Smtp.Grammar;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Smtp.Grammar;

/// <summary>
/// The is_email suite: what it calls valid for SMTP (RFC 5321) must be a Mailbox, all else must not. Comments and folding white space
/// (CFWS) and obsolete forms are of RFC 5322's headers and not of SMTP, so they count as invalid here.
/// </summary>
public sealed class IsEmailSuiteTests(ITestOutputHelper output)
{
    // By test id, with the reason.
    private static readonly Dictionary<int, string> Deviations = new()
    {
        [43] = "An empty quoted local-part is refused: its key would be that of \"everything else at the domain\".",
        [71] = "RFC 5321 §4.1.3 lets :: stand for two groups or more, the library for one too; no address is changed by that.",
    };

    [Fact]
    public void Every_address_in_scope()
    {
        var file = Suites.Require("isemail/tests.xml");
        var wrong = new List<string>();
        var tests = XDocument.Load(file).Descendants("test").ToList();
        foreach (var test in tests)
        {
            var id = (int)test.Attribute("id")!;
            var address = Unmask((string?)test.Element("address") ?? "");
            var category = (string)test.Element("category")!;
            var expected = category is "ISEMAIL_VALID_CATEGORY" or "ISEMAIL_DNSWARN" or "ISEMAIL_RFC5321";
            var actual = IsMailbox(address);
            if (expected != actual && !Deviations.ContainsKey(id)) wrong.Add($"{id} {category} {(string)test.Element("diagnosis")!}: {address}");
        }
        output.WriteLine($"{tests.Count} addresses, {Deviations.Count} deviations.");
        Assert.Empty(wrong);
    }

    private static bool IsMailbox(string address)
    {
        var octets = Encoding.UTF8.GetBytes(address);
        if (!CommandLine.IsText(octets)) return false;
        ReadOnlySpan<byte> rest = octets;
        // An address literal is well formed; that this server does not serve it is policy.
        return Mailbox.Read(ref rest, out _) is MailboxFault.None or MailboxFault.AddressLiteral && rest.IsEmpty;
    }

    // The suite writes control characters as symbols.
    private static string Unmask(string text) => string.Concat(text.Select(c => c is >= '\u2400' and <= '\u2420' ? (char)(c - 0x2400) : c));
}
