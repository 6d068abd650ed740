using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;
using Sternpost.Wire;

namespace Sternpost.Smtp.Grammar;

/// <summary>The commands this server tells apart.</summary>
internal enum Verb
{
    /// <summary>None of those below.</summary>
    Unknown,
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    StartTls,
    Auth,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
    /// <summary>XORIGIN, of this server alone.</summary>
    Origin,
    /// <summary>EHLO of LMTP (RFC 2033 §4.1).</summary>
    Lhlo,
    /// <summary>Postfix's word on the client a message first came from, for content filters.</summary>
    XForward,
    /// <summary>SMTP's own, but not offered here: EXPN, TURN, SEND, SOML, SAML, ETRN.</summary>
    NotOffered,
    /// <summary>A request of HTTP: somebody makes a browser or a proxy talk to a mail server.</summary>
    Http,
}

/// <summary>The verb and what follows it.</summary>
internal static class CommandLine
{
    /// <summary>RFC 5321 §4.5.3.1.4: 512 octets with CRLF.</summary>
    internal const int MaxLength = 512 - 2;

    /// <summary>
    /// What MAIL and RCPT may take: each extension adds its parameters' length (RFC 1870 §3 26, RFC 3461 §4 600, RFC 4954 §5 500,
    /// RFC 6531 §3.4 10); the sum rounded up.
    /// </summary>
    internal const int MaxLengthWithParameters = 2048;

    /// <summary>RFC 4954 §4: lines of an AUTH exchange, its first included.</summary>
    internal const int MaxAuthLength = 12288;

    private const int MaxVerb = 8;
    private static readonly FrozenDictionary<ulong, Verb> Verbs = Table();

    /// <summary>Splits a command line; the argument has lost the white space around it (RFC 5321 §4.1.1 tolerates it at the end).</summary>
    internal static Verb Split(ReadOnlyMemory<byte> line, out ReadOnlyMemory<byte> argument)
    {
        var space = line.Span.IndexOf((byte)' ');
        argument = space < 0 ? default : line[space..].Trim((byte)' ');
        return Read(space < 0 ? line.Span : line.Span[..space]);
    }

    /// <summary>False where the line holds what no command may: a control character (NUL too) or octets that are not UTF-8.</summary>
    internal static bool IsText(ReadOnlySpan<byte> line) =>
        line.IndexOfAny(ByteClasses.Control) < 0 && (Ascii.IsValid(line) || System.Text.Unicode.Utf8.IsValid(line));

    // RFC 5321 §4.1.1: verbs are not case sensitive. Eight octets in upper case make one number, so a look-up allocates nothing.
    private static Verb Read(ReadOnlySpan<byte> word)
    {
        if (word.Length is 0 or > MaxVerb) return Verb.Unknown;
        Span<byte> upper = stackalloc byte[MaxVerb];
        upper.Clear();
        return Ascii.ToUpper(word, upper, out _) == OperationStatus.Done ? Verbs.GetValueOrDefault(BinaryPrimitives.ReadUInt64BigEndian(upper)) : Verb.Unknown;
    }

    private static FrozenDictionary<ulong, Verb> Table()
    {
        var verbs = new Dictionary<ulong, Verb>();
        Add(Verb.Helo, "HELO");
        Add(Verb.Ehlo, "EHLO");
        Add(Verb.Mail, "MAIL");
        Add(Verb.Rcpt, "RCPT");
        Add(Verb.Data, "DATA");
        Add(Verb.Bdat, "BDAT");
        Add(Verb.StartTls, "STARTTLS");
        Add(Verb.Auth, "AUTH");
        Add(Verb.Rset, "RSET");
        Add(Verb.Noop, "NOOP");
        Add(Verb.Quit, "QUIT");
        Add(Verb.Vrfy, "VRFY");
        Add(Verb.Help, "HELP");
        Add(Verb.Origin, "XORIGIN");
        Add(Verb.Lhlo, "LHLO");
        Add(Verb.XForward, "XFORWARD");
        Add(Verb.NotOffered, "EXPN", "TURN", "SEND", "SOML", "SAML", "ETRN");
        Add(Verb.Http, "GET", "POST", "HEAD", "PUT", "CONNECT", "OPTIONS");
        return verbs.ToFrozenDictionary();

        void Add(Verb verb, params ReadOnlySpan<string> names)
        {
            Span<byte> packed = stackalloc byte[MaxVerb];
            foreach (var name in names)
            {
                packed.Clear();
                Encoding.ASCII.GetBytes(name, packed);
                verbs.Add(BinaryPrimitives.ReadUInt64BigEndian(packed), verb);
            }
        }
    }
}
