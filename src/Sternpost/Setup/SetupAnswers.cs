using System.Net;
using Sternpost.Commands;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Setup;

/// <summary>What set-up must know.</summary>
/// <param name="Domain">The first domain to receive mail for.</param>
/// <param name="Hostname">The server's full name.</param>
/// <param name="Administrator">The first account.</param>
/// <param name="Addresses">The public addresses given; empty where they are to be found out.</param>
/// <param name="OrdersCertificates">Whether the authority's terms are accepted, so that certificates are ordered.</param>
internal sealed record SetupAnswers(DomainName Domain, DomainName Hostname, EmailAddress Administrator, IReadOnlyList<IPAddress> Addresses, bool OrdersCertificates)
{
    /// <summary>Where Let's Encrypt keeps its terms of service, whatever their version.</summary>
    public const string Terms = "https://letsencrypt.org/repository/";

    /// <summary>Takes what the flags say, asks at a terminal for the rest, and fills the rest with the usual where nobody is there to ask.</summary>
    /// <exception cref="OperationFailedException">The domain is not given and nobody can be asked.</exception>
    public static SetupAnswers Gather(DomainName? domain, DomainName? hostname, EmailAddress? administrator, IReadOnlyList<IPAddress> addresses, bool? ordersCertificates, bool mayAsk)
    {
        if (domain is null && administrator is not null) domain = administrator.Domain;
        if (domain is null && !mayAsk) throw new OperationFailedException("Which domain is it for? For example: sternpost setup --domain example.com --hostname mail.example.com --admin you@example.com");
        domain ??= Ask("The domain to receive mail for, such as example.com", null, text => DomainName.TryParse(text, out var name) ? name : null);
        var usualHost = "mail." + domain.Ascii;
        hostname ??= mayAsk ? Ask("The full name of this server", usualHost, text => DomainName.TryParse(text, out var name) ? name : null) : DomainName.Parse(usualHost);
        var usualAdministrator = "admin@" + domain.Ascii;
        administrator ??= mayAsk ? Ask("Your address, the administrator's", usualAdministrator, text => EmailAddress.TryParse(text, out var address) ? address : null) : EmailAddress.Parse(usualAdministrator);
        // Nobody accepts terms by saying nothing.
        ordersCertificates ??= mayAsk && Accepts();
        return new SetupAnswers(domain, hostname, administrator, addresses, ordersCertificates.Value);
    }

    private static bool Accepts()
    {
        Console.Error.WriteLine($"The server can order its certificate from Let's Encrypt, free of charge, and renew it by itself. Its terms of service: {Terms}");
        Console.Error.Write("Do you accept them, and should it? [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static T Ask<T>(string question, string? usual, Func<string, T?> read) where T : class
    {
        while (true)
        {
            Console.Error.Write(usual is null ? $"{question}: " : $"{question} [{usual}]: ");
            var text = Console.In.ReadLine() ?? throw new OperationFailedException("Input ended; nothing was changed.");
            if (read(text.Trim().Length == 0 && usual is not null ? usual : text.Trim()) is { } answer) return answer;
            Console.Error.WriteLine("That is not one. Once more:");
        }
    }
}
