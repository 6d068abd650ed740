using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sternpost.Sendmail;

/// <summary>
/// Hands a message to the server: over its socket on this computer, or by TLS to the mail host with the site's password (RFC 6409). One
/// thing at a time and nothing shared, because a program that runs for some milliseconds gains nothing from more.
/// </summary>
public sealed class SmtpHandover : IDisposable
{
    private const int MaxReply = 64 * 1024;
    private const int MaxOrigin = 1900;
    private const int ImplicitTls = 465;

    private readonly MailSettings settings;
    private readonly byte[] input = new byte[4096];
    private Stream stream;
    private int start, end;
    private string extensions = "";

    private SmtpHandover(MailSettings settings, Stream stream)
    {
        this.settings = settings;
        this.stream = stream;
    }

    /// <summary>Connects, signs in where that is needed, and sends one message.</summary>
    public static HandoverOutcome Send(MailSettings settings, HandedMessage message)
    {
        try
        {
            using var handover = new SmtpHandover(settings, Connect(settings));
            return handover.Converse(message);
        }
        catch (Exception lost) when (lost is IOException or SocketException or AuthenticationException or TimeoutException)
        {
            return new HandoverOutcome(Taken: false, Later: true, lost.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static NetworkStream Connect(MailSettings settings)
    {
        if (settings.IsRemote)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            return Open(socket, settings, () => socket.Connect(settings.Host, settings.Port));
        }
        var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Open(local, settings, () => local.Connect(new UnixDomainSocketEndPoint(settings.Socket)));
    }

    private static NetworkStream Open(Socket socket, MailSettings settings, Action connect)
    {
        try
        {
            socket.SendTimeout = socket.ReceiveTimeout = (int)settings.Patience.TotalMilliseconds;
            connect();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private HandoverOutcome Converse(HandedMessage message)
    {
        if (settings.IsRemote && settings.Port == ImplicitTls) StartTls();
        if (Read() is var greeting && greeting[0] != '2') return Put(greeting);
        if (Hello() is { } refused) return refused;
        if (settings.IsRemote)
        {
            if (settings.Port != ImplicitTls)
            {
                if (Ask("STARTTLS") is var go && go[0] != '2') return Put(go);
                StartTls();
                if (Hello() is { } again) return again;
            }
            // RFC 4616 §2: authzid NUL authcid NUL passwd.
            var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{settings.User}\0{settings.Password}"));
            if (Ask("AUTH PLAIN " + plain) is var signedIn && signedIn[0] != '2') return Put(signedIn);
            // What is offered to a site is not offered to strangers.
            if (Hello() is { } third) return third;
        }
        if (Offers("XORIGIN") && message.Claims.Count > 0) _ = Ask(Origin(message.Claims));
        return Transact(message);
    }

    private HandoverOutcome Transact(HandedMessage message)
    {
        var mail = new StringBuilder("MAIL FROM:<").Append(message.Sender).Append('>');
        if (Offers("SIZE")) mail.Append(" SIZE=").Append(message.Content.Length);
        if (Offers("8BITMIME") && !Ascii.IsValid(message.Content.Span)) mail.Append(" BODY=8BITMIME");
        if (Offers("SMTPUTF8") && (!Ascii.IsValid(message.Sender) || message.Recipients.Any(recipient => !Ascii.IsValid(recipient)))) mail.Append(" SMTPUTF8");
        if (Offers("DSN"))
        {
            if (message.Return is not null) mail.Append(" RET=").Append(message.Return);
            if (message.EnvelopeId is not null) mail.Append(" ENVID=").Append(Xtext(message.EnvelopeId));
        }
        if (Offers("XONCE")) mail.Append(" XONCE=").Append(message.Key);
        if (Ask(mail.ToString()) is var sender && sender[0] != '2') return Put(sender);

        List<(string, string)> refused = [];
        List<string> deferred = [];
        var accepted = 0;
        var last = "";
        foreach (var recipient in message.Recipients)
        {
            last = Ask($"RCPT TO:<{recipient}>{(message.Notify is not null && Offers("DSN") ? " NOTIFY=" + message.Notify : "")}");
            if (last[0] == '2') accepted++;
            else if (last[0] == '4' && !HandoverOutcome.IsPolicy(last)) deferred.Add(recipient);
            else refused.Add((recipient, last));
        }
        if (accepted == 0) return refused.Count == 0 ? Put(last) : new HandoverOutcome(Taken: false, Later: false, refused[0].Item2) { Refused = refused, Deferred = deferred };
        if (Ask("DATA") is var data && data[0] != '3') return Put(data);
        WriteText(message.Content.Span);
        if (Read() is var reply && reply[0] != '2') return Put(reply);
        Quit();
        return new HandoverOutcome(Taken: true, Later: false, reply) { Refused = refused, Deferred = deferred };
    }

    // The message is the server's by now; who hangs up without a goodbye loses nothing.
    private void Quit()
    {
        try
        {
            _ = Ask("QUIT");
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
        }
    }

    private static HandoverOutcome Put(string reply) => new(Taken: false, Later: reply[0] == '4' && !HandoverOutcome.IsPolicy(reply), reply);

    private HandoverOutcome? Hello()
    {
        var reply = Ask("EHLO " + (settings.IsRemote ? HostName() : "localhost"));
        extensions = reply + "\n";
        return reply[0] == '2' ? null : Put(reply);
    }

    private bool Offers(string keyword) => extensions.Contains(keyword + "\n", StringComparison.OrdinalIgnoreCase) || extensions.Contains(keyword + " ", StringComparison.OrdinalIgnoreCase);

    private void StartTls()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = settings.CertificateName.Length > 0 ? settings.CertificateName : settings.Host };
        if (settings.Authorities.Length > 0)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(settings.Authorities);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = tls;
        // CVE-2011-0411: what came in clear behind the go-ahead is no part of the protected conversation.
        start = end = 0;
        tls.AuthenticateAsClient(options);
    }

    private string Ask(string line)
    {
        stream.Write(Encoding.UTF8.GetBytes(line + "\r\n"));
        return Read();
    }

    // All lines of a reply joined by line feeds, the first with its code: RFC 5321 §4.2.1.
    private string Read()
    {
        var whole = new StringBuilder();
        while (true)
        {
            var line = ReadLine();
            if (line.Length < 3 || !char.IsAsciiDigit(line[0])) throw new IOException("The server did not speak SMTP.");
            if (whole.Length > 0) whole.Append('\n').Append(line.AsSpan(Math.Min(4, line.Length)));
            else whole.Append(line.Length > 3 ? line[..3] + " " + line[4..] : line + " ");
            if (whole.Length > MaxReply) throw new IOException("The server's reply is too long.");
            if (line.Length == 3 || line[3] != '-') return whole.ToString();
        }
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (start == end)
            {
                start = 0;
                end = stream.Read(input);
                if (end == 0) throw new IOException("The server closed the connection.");
            }
            var c = (char)input[start++];
            if (c == '\n') return line.ToString().TrimEnd('\r');
            if (line.Length >= MaxReply) throw new IOException("The server's reply is too long.");
            line.Append(c);
        }
    }

    // RFC 5321 §4.5.2: a dot at the beginning of a line is doubled. Lines end with CRLF here.
    private void WriteText(ReadOnlySpan<byte> text)
    {
        using var buffered = new MemoryStream(text.Length + 1024);
        while (!text.IsEmpty)
        {
            var length = text.IndexOf((byte)'\n') + 1;
            if (length == 0) length = text.Length;
            if (text[0] == '.') buffered.WriteByte((byte)'.');
            buffered.Write(text[..length]);
            text = text[length..];
            if (text.IsEmpty && !buffered.GetBuffer().AsSpan(0, (int)buffered.Length).EndsWith("\r\n"u8)) buffered.Write("\r\n"u8);
        }
        buffered.Write(".\r\n"u8);
        stream.Write(buffered.GetBuffer().AsSpan(0, (int)buffered.Length));
        stream.Flush();
    }

    private static string Origin(IReadOnlyList<KeyValuePair<string, string>> claims)
    {
        var line = new StringBuilder("XORIGIN");
        foreach (var (name, value) in claims)
        {
            var one = $" {name}={Xtext(value)}";
            if (line.Length + one.Length <= MaxOrigin) line.Append(one);
        }
        return line.ToString();
    }

    // RFC 3461 §4.
    private static string Xtext(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is > 32 and < 127 && octet != '+' && octet != '=') text.Append((char)octet);
            else text.Append('+').Append(octet.ToString("X2"));
        }
        return text.ToString();
    }

    private static string HostName()
    {
        var name = Environment.MachineName;
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? name : "localhost";
    }
}
