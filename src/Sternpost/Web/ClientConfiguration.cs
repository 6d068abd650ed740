using System.Text;
using System.Xml;
using Sternpost.Configuration;
using Sternpost.Dns;

namespace Sternpost.Web;

/// <summary>The settings of an address for mail programs, in the form that Thunderbird and others read (clientConfig 1.1). TLS from the first byte goes first (RFC 8314 §3.3).</summary>
internal static class ClientConfiguration
{
    internal static byte[] Write(ServerConfiguration configuration, DomainName domain)
    {
        using var document = new MemoryStream();
        using (var xml = XmlWriter.Create(document, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n" }))
        {
            var (listeners, host) = (configuration.Listeners, configuration.Server.Hostname.Ascii);
            xml.WriteStartElement("clientConfig");
            xml.WriteAttributeString("version", "1.1");
            xml.WriteStartElement("emailProvider");
            xml.WriteAttributeString("id", domain.Ascii);
            xml.WriteElementString("domain", domain.Ascii);
            xml.WriteElementString("displayName", domain.Unicode);
            xml.WriteElementString("displayShortName", domain.Unicode);
            Server(xml, "incomingServer", "imap", host, listeners.Imaps.Port, "SSL");
            Server(xml, "incomingServer", "imap", host, listeners.Imap.Port, "STARTTLS");
            Server(xml, "incomingServer", "pop3", host, listeners.Pop3s.Port, "SSL");
            Server(xml, "outgoingServer", "smtp", host, listeners.Submissions.Port, "SSL");
            Server(xml, "outgoingServer", "smtp", host, listeners.Submission.Port, "STARTTLS");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return document.ToArray();
    }

    private static void Server(XmlWriter xml, string element, string type, string host, int port, string security)
    {
        // A port of 0 is a listener that is off.
        if (port == 0) return;
        xml.WriteStartElement(element);
        xml.WriteAttributeString("type", type);
        xml.WriteElementString("hostname", host);
        xml.WriteElementString("port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        xml.WriteElementString("socketType", security);
        xml.WriteElementString("username", "%EMAILADDRESS%");
        xml.WriteElementString("authentication", "password-cleartext");
        xml.WriteEndElement();
    }
}
