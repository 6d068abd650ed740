using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Acme;
using Sternpost.Certificates;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Doctor.Checks;
using Sternpost.Network.Tls;

namespace Sternpost.Commands;

/// <summary><c>certificate list|show|renew|import|remove|next-key|terms</c>: works on the data folder; what concerns the authority the running server does.</summary>
internal static class CertificateCommand
{
    private static readonly TimeSpan RenewPatience = TimeSpan.FromMinutes(10);

    public static Command Create() => new("certificate", "The certificates that every listener shows: ordered and renewed by the server itself, or your own.")
    {
        List(), Show(), Renew(), Import(), Remove(), NextKey(), Terms(),
    };

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the certificates in the order in which they are shown, and how ordering goes.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var facts = await FactsAsync(result, installation, cancellation);
            Facts.PrintList(facts, result.GetValue(json), "There is no certificate. 'sternpost setup' makes a first one.",
                ("NAME", fact => fact.Name), ("FROM", fact => Word(fact.Origin)), ("UNTIL", fact => fact.Until?.ToString("yyyy-MM-dd HH:mm") ?? "none yet"),
                ("RENEWED", fact => fact.Origin == CertificateOrigin.Acme && fact.RenewAt is { } at ? at.ToString("yyyy-MM-dd") : "by you"), ("FOR", fact => string.Join(", ", fact.Names)));
            if (result.GetValue(json)) return;
            foreach (var fact in facts.Where(fact => fact.Problem.Length > 0))
            {
                await Console.Error.WriteLineAsync($"{fact.Name}: {fact.Problem}\n  → {fact.Advice}");
                if (fact.NextAttempt > DateTimeOffset.UtcNow) await Console.Error.WriteLineAsync($"  Tried again at {fact.NextAttempt:u}, or at once: sternpost certificate renew {fact.Name}");
            }
            foreach (var name in facts.SelectMany(fact => fact.LeftOut)) await Console.Error.WriteLineAsync($"{name.Name} is in no certificate: {name.Reason}\n  → {name.Advice}");
        });
        return command;
    }

    private static Command Show()
    {
        var name = NameArgument();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows one certificate, with what a TLSA record for it says.") { name, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var fact = (await FactsAsync(result, installation, cancellation)).FirstOrDefault(fact => fact.Name == result.GetRequiredValue(name)) ?? throw NoSuch(result.GetRequiredValue(name));
            Facts.PrintOne(fact, result.GetValue(json),
                ("Name", fact.Name), ("From", Word(fact.Origin)), ("File", fact.File), ("For", string.Join(", ", fact.Names)), ("Issuer", fact.Issuer), ("Valid", fact.Until is null ? "there is none yet" : $"{fact.From:u} to {fact.Until:u}"),
                ("Renewed", fact.Origin == CertificateOrigin.Acme ? fact.RenewAt?.ToString("u") ?? "as soon as there is one" : "by you"), ("TLSA", fact.Pin),
                ("Problem", fact.Problem.Length == 0 ? "none" : $"{fact.Problem}\n  {fact.Advice}"), ("Left out", fact.LeftOut.Count == 0 ? "none" : string.Join("; ", fact.LeftOut.Select(left => $"{left.Name} {left.Reason}"))));
        });
        return command;
    }

    private static Command Renew()
    {
        var name = new Argument<string>("name") { Description = "Which one: host, or a domain.", HelpName = "NAME", DefaultValueFactory = _ => CertificateShelf.HostName };
        var noWait = new Option<bool>("--no-wait") { Description = "Only ask the running server for it." };
        var command = new Command("renew", "Has the running server order a certificate anew, now. Not needed for renewal, which comes by itself.") { name, noWait };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(name);
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            if (!configuration.Acme.AcceptTerms) throw new OperationFailedException("No certificates are ordered here. To have them ordered, read the authority's terms of service ('sternpost certificate terms'), set acme.accept_terms = true in the configuration, and restart the server.");
            if (wanted != CertificateShelf.HostName && (!DomainName.TryParse(wanted, out var domain) || !await installation.Directory.IsLocalAsync(domain, cancellation)))
                throw new OperationFailedException($"{wanted} is neither '{CertificateShelf.HostName}' nor one of this server's domains.");
            var book = new CertificateBook(installation.Database);
            await book.AskAsync(wanted, cancellation);
            if (!RunningServer.IsRunning(installation.Database.Folder))
            {
                await Console.Error.WriteLineAsync("The server does not run; it orders the certificate when it starts.");
                return;
            }
            if (result.GetValue(noWait)) return;
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            late.CancelAfter(RenewPatience);
            CertificateState state;
            while ((state = await book.FindAsync(wanted, late.Token)).IsAsked) await Task.Delay(TimeSpan.FromMilliseconds(300), late.Token);
            if (state.Problem.Length > 0) throw new OperationFailedException($"It was not made: {state.Problem}.\n{state.Advice}" + (state.BlockedUntil > DateTimeOffset.UtcNow ? $"\nThe authority wants to be left alone until {state.BlockedUntil:u}." : ""));
            var fact = (await FactsAsync(result, installation, cancellation)).FirstOrDefault(fact => fact.Name == wanted && fact.Origin == CertificateOrigin.Acme);
            if (fact?.Until is null) throw new OperationFailedException($"Nothing was ordered: none of the names of {wanted} leads here. See: sternpost certificate list");
            await Console.Error.WriteLineAsync($"The certificate for {string.Join(", ", fact.Names)} is valid until {fact.Until:u}, and every listener shows it.");
        });
        return command;
    }

    private static Command Import()
    {
        var certificate = new Argument<FileInfo>("certificate") { Description = "PEM file with the certificate and the chain behind it.", HelpName = "CERTIFICATE" };
        var key = new Argument<FileInfo>("key") { Description = "PEM file with its private key, not encrypted.", HelpName = "KEY" };
        var name = new Option<string?>("--name") { Description = "What it is called here; an import of the same name takes its place. [default: its first host name]", HelpName = "NAME" };
        var command = new Command("import", "Brings in a certificate of your own. A running server shows it within seconds, for the names it holds.") { certificate, key, name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var (from, secret) = (result.GetRequiredValue(certificate).FullName, result.GetRequiredValue(key).FullName);
            var read = Read(from, secret);
            if (read.Until < DateTimeOffset.UtcNow) throw new OperationFailedException($"It expired on {read.Until:yyyy-MM-dd}; nothing was brought in.");
            var called = result.GetValue(name) ?? (read.Names is [var named, ..] ? named.Replace("*.", "", StringComparison.Ordinal) : "imported");
            if (!called.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') || called.StartsWith('.') || called.Length > 200) throw new OperationFailedException($"'{called}' cannot be the name of a file. Name it with --name, of letters, digits, dots and dashes.");
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            PrivateFile.Write(new CertificateShelf(configuration, installation.Database.Folder).PathOf(CertificateOrigin.Imported, called), Pem(read));
            var host = configuration.Server.Hostname.Ascii;
            await Console.Error.WriteLineAsync($"Brought in as {called}: for {string.Join(", ", read.Names)}, valid until {read.Until:yyyy-MM-dd}." + (read.Covers(host) ? "" : $" It does not name {host}, so other names are shown another."));
            if (read.Chain.Count < 2 && !read.IsSelfSigned) await Console.Error.WriteLineAsync("The file holds no chain behind the certificate: some programs will refuse it. Bring in the file that the authority calls 'fullchain'.");
        });
        return command;
    }

    private static Command Remove()
    {
        var name = NameArgument();
        var command = new Command("remove", "Removes a certificate that was brought in by 'certificate import'.") { name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var found = Shelf(result, installation).Read(DateTimeOffset.UtcNow, withKeys: false).Certificates.FirstOrDefault(held => held.Origin == CertificateOrigin.Imported && held.Name == result.GetRequiredValue(name)) ?? throw NoSuch(result.GetRequiredValue(name));
            File.Delete(found.Path);
            await Console.Error.WriteLineAsync($"{found.Name} is removed; a running server stops showing it within seconds.");
        });
        return command;
    }

    private static Command NextKey()
    {
        var json = CommonOptions.Json();
        var command = new Command("next-key", "Prepares another key for the host's certificate where TLSA records pin the one it has (DANE): prints the record to publish beside the old one. The next renewal takes the key once the record is there.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            var pin = new KeyChoice(Shelf(result, installation), FilterComposition.Resolver(configuration), configuration.Server.Hostname).Prepare();
            Facts.PrintOne(new { Name = $"_25._tcp.{configuration.Server.Hostname.Ascii}", Type = "TLSA", Value = pin }, result.GetValue(json), ("Publish", $"_25._tcp.{configuration.Server.Hostname.Ascii} TLSA {pin}"));
            if (!result.GetValue(json)) await Console.Error.WriteLineAsync("Leave the old record in place. Two days after publishing: sternpost certificate renew host; then take the old record out.");
        });
        return command;
    }

    private static Command Terms()
    {
        var json = CommonOptions.Json();
        var command = new Command("terms", "Prints where the authority's terms of service are. It is asked for them.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            try
            {
                using var client = AcmeAuthority.Look(configuration, installation.Database.Folder, TimeProvider.System);
                var directory = await client.DirectoryAsync(cancellation);
                Facts.PrintOne(new { Directory = configuration.Acme.Directory.AbsoluteUri, directory.Terms, Accepted = configuration.Acme.AcceptTerms }, result.GetValue(json),
                    ("Authority", configuration.Acme.Directory.AbsoluteUri), ("Terms", directory.Terms.Length == 0 ? "it has none" : directory.Terms), ("Accepted", configuration.Acme.AcceptTerms ? "yes (acme.accept_terms)" : "no (acme.accept_terms)"));
            }
            catch (AcmeException failed)
            {
                throw new OperationFailedException(failed.Message);
            }
        });
        return command;
    }

    private static HeldCertificate Read(string from, string secret)
    {
        try
        {
            var (leaf, chain) = TlsCertificates.FromPem(from, secret);
            return new HeldCertificate("", CertificateOrigin.Imported, from, leaf, chain);
        }
        catch (Exception bad) when (bad is CryptographicException or ArgumentException)
        {
            throw new OperationFailedException($"{from} with the key {secret} cannot be used: {bad.Message}\nThe first must hold the certificate, the second its key, both as PEM (-----BEGIN …), the key without a password.");
        }
    }

    private static string Pem(HeldCertificate read)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)read.Leaf.GetECDsaPrivateKey() ?? read.Leaf.GetRSAPrivateKey() ?? throw new OperationFailedException("Its key is neither ECDSA nor RSA, which TLS clients do not take.");
        var text = new StringBuilder();
        foreach (var certificate in read.Chain) text.Append(certificate.ExportCertificatePem()).Append('\n');
        return text.Append(key.ExportPkcs8PrivateKeyPem()).Append('\n').ToString();
    }

    private static CertificateShelf Shelf(ParseResult result, Installation installation) => new(ConfigurationFile.Load(CommonOptions.ConfigurationPath(result)), installation.Database.Folder);

    private static async Task<IReadOnlyList<CertificateFact>> FactsAsync(ParseResult result, Installation installation, CancellationToken cancellation)
    {
        var held = Shelf(result, installation).Read(DateTimeOffset.UtcNow, withKeys: false).Certificates;
        return CertificateFact.All(held, await new CertificateBook(installation.Database).AllAsync(cancellation));
    }

    private static Argument<string> NameArgument() => new("name") { Description = "Its name, as 'certificate list' shows it.", HelpName = "NAME" };

    private static string Word(CertificateOrigin origin) => origin switch { CertificateOrigin.Acme => "the authority", CertificateOrigin.Imported => "import", _ => "[tls]" };

    private static OperationFailedException NoSuch(string name) => new($"There is no certificate {name}. See them with: sternpost certificate list");
}

/// <summary>What <c>--json</c> says of a certificate.</summary>
internal sealed record CertificateFact(
    string Name, CertificateOrigin Origin, string File, IReadOnlyList<string> Names, string Issuer, bool SelfSigned, DateTimeOffset? From, DateTimeOffset? Until, string Pin, bool Default,
    DateTimeOffset? RenewAt, string Problem, string Advice, DateTimeOffset? ProblemSince, DateTimeOffset? NextAttempt, IReadOnlyList<LeftOutName> LeftOut)
{
    /// <summary>Those that are there in the order in which they are shown, then those that are ordered and not there yet.</summary>
    internal static IReadOnlyList<CertificateFact> All(IReadOnlyList<HeldCertificate> held, IReadOnlyList<CertificateState> states) =>
    [
        .. held.Select((certificate, at) => Of(certificate, certificate.Origin == CertificateOrigin.Acme ? states.FirstOrDefault(state => state.Name == certificate.Name) : null, isFirst: at == 0)),
        .. states.Where(state => (state.Problem.Length > 0 || state.LeftOut.Count > 0) && !held.Any(certificate => certificate.Origin == CertificateOrigin.Acme && certificate.Name == state.Name)).Select(Missing),
    ];

    internal static CertificateFact Of(HeldCertificate held, CertificateState? state, bool isFirst) => new(
        held.Name, held.Origin, held.Path, held.Names, held.Leaf.Issuer, held.IsSelfSigned, held.From, held.Until, held.Pin, isFirst,
        state?.RenewAt, state?.Problem ?? "", state?.Advice ?? "", state?.ProblemSince, Later(state?.NextAttempt), state?.LeftOut ?? []);

    internal static CertificateFact Missing(CertificateState state) => new(
        state.Name, CertificateOrigin.Acme, "", [], "", false, null, null, "", false, state.RenewAt, state.Problem, state.Advice, state.ProblemSince, Later(state.NextAttempt), state.LeftOut);

    private static DateTimeOffset? Later(DateTimeOffset? at) => at > DateTimeOffset.UnixEpoch ? at : null;
}
