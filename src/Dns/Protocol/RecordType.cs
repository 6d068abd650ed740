namespace Sternpost.Dns.Protocol;

/// <summary>The numbers of the record types read here.</summary>
internal enum RecordType
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    /// <summary>No record: the options of EDNS (RFC 6891 §6.1).</summary>
    Opt = 41,
    Tlsa = 52,
    Tsig = 250,
    Caa = 257,
}

/// <summary>The numbers of the classes.</summary>
internal static class DnsClass
{
    internal const int Internet = 1, None = 254, Any = 255;
}
