using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary>Arguments that are parsed into the types the rooms speak, and passwords typed or piped.</summary>
internal static class Inputs
{
    public static Argument<DomainName> Domain(string name = "domain") => new(name)
    {
        Description = "A domain, for example example.com.",
        HelpName = "DOMAIN",
        CustomParser = result => ParseDomain(result),
    };

    public static Argument<EmailAddress> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = name.ToUpperInvariant(),
        CustomParser = result => ParseAddress(result),
    };

    public static Option<DomainName?> DomainOption(string description) => new("--domain") { Description = description, HelpName = "DOMAIN", CustomParser = ParseDomain };

    public static Option<bool> PasswordFromInput() => new("--password-stdin") { Description = "Read the password from standard input, one line." };

    public static EmailAddress? ParseAddress(ArgumentResult result)
    {
        if (EmailAddress.TryParse(result.Tokens[0].Value, out var address)) return address;
        result.AddError($"'{result.Tokens[0].Value}' is not an email address such as alice@example.com.");
        return null;
    }

    public static DomainName? ParseDomain(ArgumentResult result)
    {
        if (DomainName.TryParse(result.Tokens[0].Value, out var name)) return name;
        result.AddError($"'{result.Tokens[0].Value}' is not a domain name such as example.com.");
        return null;
    }

    public static TimeSpan? ParseDuration(ArgumentResult result)
    {
        if (ValueKinds.Duration.Read(result.Tokens[0].Value, out var duration) is null) return duration;
        result.AddError($"'{result.Tokens[0].Value}' is not a duration such as 12h or 7d.");
        return null;
    }

    /// <summary>Asks for a password twice without showing it, or reads one line from a pipe.</summary>
    /// <exception cref="OperationFailedException">None was given, or the two differ.</exception>
    public static string Password(bool fromInput)
    {
        if (fromInput || Console.IsInputRedirected)
        {
            if (!fromInput) throw new OperationFailedException("There is no terminal to ask for a password on. Pipe it in with --password-stdin.");
            return Console.In.ReadLine() is { Length: > 0 } line ? line : throw new OperationFailedException("Standard input held no password.");
        }
        var first = Hidden("Password: ");
        if (first.Length == 0) throw new OperationFailedException("No password was given; nothing was changed.");
        return Hidden("Once more: ") == first ? first : throw new OperationFailedException("The two passwords differ; nothing was changed.");
    }

    /// <summary>Asks for a secret of somewhere else without showing it, or reads one line from a pipe.</summary>
    /// <exception cref="OperationFailedException">None was given.</exception>
    public static string Secret(string prompt, bool fromInput)
    {
        if (!fromInput && Console.IsInputRedirected) throw new OperationFailedException("There is no terminal to ask for a password on. Pipe it in with --password-stdin.");
        var secret = fromInput ? Console.In.ReadLine() : Hidden(prompt);
        return string.IsNullOrEmpty(secret) ? throw new OperationFailedException("No password was given.") : secret;
    }

    private static string Hidden(string prompt)
    {
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace && text.Length > 0) text.Length--;
            else if (!char.IsControl(key.KeyChar)) text.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return text.ToString();
    }
}
