namespace Sternpost.Acme;

/// <summary>What an authority's complaint means, and what to do, in plain words.</summary>
public static class Explanation
{
    /// <summary>Of a name.</summary>
    public static (string What, string Advice) Of(NameFailure failure)
    {
        var (name, says) = (failure.Name.Value, Quoted(failure.Problem.Detail));
        return (failure.Problem.Type, failure.Way) switch
        {
            ("connection", "http-01") => ($"the authority cannot reach http://{name}/ on port 80{says}", $"Open port 80 to this server in every firewall and router on the way, for IPv4 and, where {name} has an AAAA record, for IPv6 too. This server answers nothing there but the proof, and sends everything else to HTTPS."),
            ("connection", "tls-alpn-01") => ($"the authority cannot reach {name} on port 443{says}", "Open port 443 to this server in every firewall and router on the way, for IPv4 and for IPv6 where there is an AAAA record. A proxy in front must pass TLS through."),
            ("unauthorized" or "incorrectResponse", "http-01") => ($"at http://{name}/ somebody else answers{says}", $"{name} leads to another machine, or another web server has port 80. Correct its A and AAAA records, or have that server pass /.well-known/acme-challenge/ on to this one."),
            ("unauthorized" or "incorrectResponse" or "tls", "tls-alpn-01") => ($"at {name}, port 443, somebody else answers{says}", "The name leads to another machine, or a proxy ends TLS before this server. Correct its records, or use another challenge (acme.challenges)."),
            ("tls", _) => ($"TLS with {name} fails{says}", "Something between the authority and this server takes part in TLS. Use another challenge (acme.challenges)."),
            ("unauthorized" or "incorrectResponse", "dns-01") => ($"the record _acme-challenge.{name} is not what it should be{says}", "The authority asks servers of the zone that do not have the change yet, or an alias leads elsewhere. Look whether all its servers follow the primary."),
            ("dns", _) => ($"{name} cannot be looked up{says}", $"Look at its records: sternpost dns check. A zone whose DNSSEC signatures have expired looks like this, too."),
            ("caa", _) => ($"the CAA record of {name} does not allow this authority{says}", "Add the authority to the CAA record of the domain, or remove the record."),
            ("rejectedIdentifier", _) => ($"the authority issues nothing for {name}{says}", "Its own words say why. A name that is not public cannot have a public certificate."),
            ("notShown", "dns-01") => ($"the proof could not be put into DNS: {Plain(failure.Problem.Detail)}", "Look at [dns.update]: sternpost dns publish --dry-run tells whether the key and the server are right."),
            ("notShown", _) => ($"the proof could not be shown: {Plain(failure.Problem.Detail)}", "The log of the server tells more."),
            ("noWay", _) => ($"there is no way to prove {name}: {Plain(failure.Problem.Detail)}", "Port 80 (listeners.http) or 443 (listeners.https), or [dns.update], must be on."),
            _ => Of(failure.Problem, name),
        };
    }

    /// <summary>Of a request as a whole.</summary>
    public static (string What, string Advice) Of(AcmeProblem problem) => Of(problem, "the names");

    private static (string What, string Advice) Of(AcmeProblem problem, string names) => problem.Type switch
    {
        "rateLimited" => ($"the authority has been asked too often{Quoted(problem.Detail)}", "Wait; it is tried again when the authority allows it. Nothing is gained by asking by hand."),
        "externalAccountRequired" => ("the authority takes only accounts that it gave out", "Get a key id and a secret on its web site, and put them into acme.key_id and acme.mac_key_file."),
        "userActionRequired" => ($"the authority wants you to do something{Quoted(problem.Detail)}", "Most often its terms of service have changed: read them, then try again with 'sternpost certificate renew'."),
        "unauthorized" or "accountDoesNotExist" => ($"the authority does not know this server's account{Quoted(problem.Detail)}", "Remove the account's key (tls/acme/account-*.key in the data folder) and restart: a new account is made."),
        "rejectedIdentifier" or "unsupportedIdentifier" => ($"the authority issues nothing for {names}{Quoted(problem.Detail)}", "Its own words say why. A name that is not public cannot have a public certificate."),
        "serverInternal" => ($"the authority is in trouble itself{Quoted(problem.Detail)}", "Wait; it is tried again."),
        _ when problem.Status >= 500 => ($"the authority is in trouble itself{Quoted(problem.Detail)}", "Wait; it is tried again."),
        "" => (Plain(problem.Detail), "Look whether this server can reach the authority: HTTPS outwards, DNS, the clock."),
        _ => ($"the authority says {problem.Type}{Quoted(problem.Detail)}", "It is tried again. If it stays, search for these words together with the authority's name."),
    };

    private static string Quoted(string detail) => detail.Length == 0 ? "" : $" (\"{Plain(detail)}\")";

    // Somebody else's words: one line, no control characters.
    private static string Plain(string detail) => string.Concat(detail.Select(c => char.IsControl(c) ? ' ' : c)).Trim().TrimEnd('.');
}
