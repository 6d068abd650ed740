namespace Sternpost.Filter.Lessons;

/// <summary>Domains under which anyone may have an address: what one user of them did says nothing about the others.</summary>
internal static class FreeMail
{
    private static readonly HashSet<string> Domains = new(StringComparer.OrdinalIgnoreCase)
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.co.uk", "yahoo.co.jp", "ymail.com",
        "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "web.de", "t-online.de", "freenet.de", "mail.com",
        "protonmail.com", "proton.me", "pm.me", "tutanota.com", "fastmail.com", "zoho.com", "yandex.ru", "yandex.com", "mail.ru", "bk.ru", "inbox.ru",
        "list.ru", "rambler.ru", "qq.com", "163.com", "126.com", "sina.com", "naver.com", "daum.net", "hanmail.net", "orange.fr", "free.fr", "laposte.net",
        "wanadoo.fr", "libero.it", "virgilio.it", "alice.it", "seznam.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "uol.com.br", "bol.com.br", "terra.com.br",
        "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "cox.net", "btinternet.com", "rediffmail.com", "hotmail.co.uk", "hotmail.fr", "live.fr",
    };

    internal static bool Contains(string domain) => Domains.Contains(domain);
}
