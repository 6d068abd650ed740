using System.Text;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>A DKIM2-Signature field (draft §8): who sent the message on, to whom, and the signatures that prove it.</summary>
/// <param name="Number">i=.</param>
/// <param name="Instance">m=.</param>
/// <param name="Time">t=, seconds since 1970.</param>
/// <param name="Domain">d=.</param>
/// <param name="MailFrom">mf=, the domain in lower case; null under nd=.</param>
/// <param name="Recipients">rt=, likewise.</param>
/// <param name="NextDomain">nd=; null where there is none.</param>
/// <param name="Values">s=.</param>
/// <param name="Flags">f=.</param>
/// <param name="Tags">All of it.</param>
internal sealed record Dkim2Signature(
    long Number, long Instance, long Time, DomainName Domain, Dkim2Path? MailFrom, IReadOnlyList<Dkim2Path> Recipients, DomainName? NextDomain,
    IReadOnlyList<SignatureValue> Values, IReadOnlySet<string> Flags, Dkim2Tags Tags)
{
    // RFC 5321 §4.5.3.1.8 asks for at least 100 recipients of one transaction.
    private const int MaxRecipients = 1000;
    private const int MaxValues = 8;
    private const int MaxNonce = 64;

    /// <exception cref="Dkim2Exception">It breaks the grammar.</exception>
    internal static Dkim2Signature Read(ReadOnlySpan<byte> value, bool barePaths)
    {
        if (!Dkim2Tags.TryParse("dkim2-signature", value, out var tags) || tags.Number("i") is not { } number || number == 0) throw Broken(Dkim2Fields.Shown(tags["i"]), "syntax error");
        var id = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var name in (string[])["m", "t", "d", "s"])
        {
            if (tags[name] is null) throw Broken(id, $"tag={name} missing");
        }
        if (tags.Number("m") is not { } instance || instance == 0 || tags.Number("t") is not { } time || !DomainName.TryParse(tags["d"], out var domain)) throw Broken(id, "syntax error");
        // §8.3: longer ones should be refused.
        if (tags["n"]?.Length > MaxNonce) throw Broken(id, "syntax error");
        DomainName? next = null;
        Dkim2Path? mailFrom = null;
        IReadOnlyList<Dkim2Path> recipients = [];
        if (tags["nd"] is { } nd)
        {
            if (tags["mf"] is not null || tags["rt"] is not null) throw Broken(id, "tag=nd was unexpected");
            if (!DomainName.TryParse(nd, out next)) throw Broken(id, "syntax error");
        }
        else
        {
            mailFrom = Dkim2Path.Decode(tags["mf"] ?? throw Broken(id, "tag=mf missing"), barePaths) ?? throw Broken(id, "syntax error");
            var paths = (tags["rt"] ?? throw Broken(id, "tag=rt missing")).Split(',', MaxRecipients + 1);
            if (paths.Length > MaxRecipients) throw Broken(id, "syntax error");
            recipients = [.. paths.Select(path => Dkim2Path.Decode(path, barePaths) ?? throw Broken(id, "syntax error"))];
        }
        var flags = tags["f"]?.Split(',').ToHashSet(StringComparer.Ordinal) ?? [];
        return new Dkim2Signature(number, instance, time, domain, mailFrom, recipients, next, ReadValues(tags["s"]!, id), flags, tags);
    }

    private static List<SignatureValue> ReadValues(string sets, string id)
    {
        var values = new List<SignatureValue>();
        foreach (var set in sets.Split(',', MaxValues + 1))
        {
            var pieces = set.Split(':');
            if (pieces.Length != 3 || pieces[1].Length == 0 || !DomainName.TryParseForQuery(pieces[0], out _) || Dkim2Tags.Base64(pieces[2]) is not { } signature) throw Broken(id, "syntax error");
            // §8.9: no selector twice, no algorithm more than twice.
            if (values.Exists(known => known.Selector == pieces[0])) throw Broken(id, "has a duplicate selector");
            if (values.Count == MaxValues || values.Count(known => known.Algorithm == pieces[1]) == 2) throw Broken(id, "has too many signatures");
            values.Add(new SignatureValue(pieces[0], pieces[1], signature));
        }
        return values;
    }

    private static Dkim2Exception Broken(string id, string what) => new(Dkim2Kind.PermError, $"DKIM2-Signature i={id} {what}");
}

/// <summary>One signature of a field.</summary>
internal sealed record SignatureValue(string Selector, string Algorithm, byte[] Signature);

/// <summary>A path of the envelope as DKIM2 compares it: the local-part as it is, the domain in lower case (draft §11.4).</summary>
/// <param name="LocalPart">Empty for the null reverse-path.</param>
/// <param name="Domain">Empty for the null reverse-path.</param>
internal sealed record Dkim2Path(string LocalPart, string Domain)
{
    internal bool IsNull => LocalPart.Length == 0 && Domain.Length == 0;

    internal static Dkim2Path Of(string path)
    {
        var bare = path.StartsWith('<') && path.EndsWith('>') ? path[1..^1] : path;
        var at = bare.LastIndexOf('@');
        return at < 0 ? new Dkim2Path(bare, "") : new Dkim2Path(bare[..at], bare[(at + 1)..].ToLowerInvariant());
    }

    /// <summary>§8.5: base64, and the angle brackets are part of it. Null where either is not so.</summary>
    internal static Dkim2Path? Decode(string base64, bool barePaths)
    {
        if (Dkim2Tags.Base64(base64) is not { } octets) return null;
        var path = Encoding.UTF8.GetString(octets);
        return barePaths || (path.StartsWith('<') && path.EndsWith('>')) ? Of(path) : null;
    }

    /// <summary>§9.4: the domain, or what remains of it as labels go from the left, is the other.</summary>
    internal bool RelaxedMatches(string other) =>
        Domain.Length > 0 && other.Length > 0 && (Domain == other || Domain.EndsWith("." + other, StringComparison.Ordinal));
}
