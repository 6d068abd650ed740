using Sternpost.Dns.Lists;

namespace Sternpost.Watch;

/// <summary>A DNS list that many receivers ask about senders, and how one comes off it.</summary>
/// <param name="Zone">What is asked.</param>
/// <param name="Name">What people call it.</param>
/// <param name="OfDomains">True for lists of domains, false for lists of addresses.</param>
/// <param name="Codes">What a last octet of an answer means; 0 stands for any other.</param>
/// <param name="Removal">What to do, in sentences.</param>
/// <param name="Page">Where; {0} is the address or domain.</param>
internal sealed record WatchedList(string Zone, string Name, bool OfDomains, IReadOnlyList<(byte Code, string Means)> Codes, string Removal, string Page)
{
    /// <summary>What the answer says.</summary>
    public string Meaning(DnsListAnswer answer)
    {
        var meanings = answer.Codes.Select(code => code.GetAddressBytes()[3]).Distinct().Select(octet => Codes.FirstOrDefault(known => known.Code == octet).Means ?? Codes.FirstOrDefault(known => known.Code == 0).Means ?? $"code {octet}");
        return string.Join("; ", meanings.Distinct());
    }

    /// <summary>The page about this entry.</summary>
    public string Url(string subject) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Page, subject);
}
