using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Transport;

/// <summary>A Sternpost at a node of the lab, with the one user <c>user@DOMAIN</c>, on the ports of the Internet.</summary>
internal sealed class LabSternpost(TransportLab lab, string node, string address, string domain)
{
    private const string Password = "the password of the lab";

    private ServerProcess? process;

    internal string User => "user@" + domain;

    internal string Said => process?.Said ?? "";

    private string Data => Path.Combine(lab.Folder, node);

    internal async Task MakeAsync()
    {
        Directory.CreateDirectory(Data);
        await ConfigureAsync(25);
        foreach (var arguments in new string[][] { ["domain", "add", domain], ["account", "add", User, "--password-stdin"] })
        {
            var made = await Peer.RunAsync("dotnet", [ServerProcess.Program, .. arguments, "--data", Data], Password + "\n");
            Assert.True(made.ExitCode == 0, made.Output + made.Errors);
        }
    }

    /// <summary>Starts it again, its mail door at another port where something is put before it.</summary>
    internal async Task RestartAsync(int port = 25)
    {
        if (process is not null) Assert.Equal(0, await process.TerminateAsync());
        await ConfigureAsync(port);
        process = lab.Start(node, "dotnet", ServerProcess.Program, "serve", "--data", Data);
        await process.WaitAsync(() => Task.FromResult(process.Said.Contains("accepts mail", StringComparison.Ordinal)));
    }

    /// <summary>Its user writes to somebody.</summary>
    internal async Task SendAsync(string to, string subject)
    {
        var sent = await lab.RunAsync(node, "swaks",
            ["--server", address, "--port", "587", "-tls", "--auth", "PLAIN", "--auth-user", User, "--auth-password", Password, "--ehlo", "client." + domain, "--from", User, "--to", to, "--header", "Subject: " + subject]);
        Assert.True(sent.ExitCode == 0, sent.Output + sent.Errors);
    }

    /// <summary>Its user writes to somebody and demands protection to the very end (RFC 8689), by Python's client.</summary>
    internal async Task SendRequiringTlsAsync(string to, string subject)
    {
        const string Client = """
            import smtplib, ssl, sys
            server, user, password, to, subject = sys.argv[1:]
            unchecked = ssl.create_default_context()
            unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
            with smtplib.SMTP(server, 587) as smtp:
                smtp.starttls(context=unchecked)
                smtp.login(user, password)
                smtp.sendmail(user, [to], f'From: {user}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nFor your eyes.\r\n', mail_options=['REQUIRETLS', 'RET=FULL'])
            """;
        var sent = await lab.RunAsync(node, "python3", ["-c", Client, address, User, Password, to, subject]);
        Assert.True(sent.ExitCode == 0, sent.Output + sent.Errors);
    }

    /// <summary>Waits until a message to this address was given up; answers the log's line.</summary>
    internal async Task<string> ReturnedAsync(string to)
    {
        string? line = null;
        await process!.WaitAsync(() => Task.FromResult((line = process.Said.Split('\n').LastOrDefault(said => said.Contains(to + " failed for good", StringComparison.Ordinal))) is not null));
        return line!;
    }

    /// <summary>Its own administrator makes an alias.</summary>
    internal async Task AliasAsync(string pattern, string target)
    {
        var made = await Peer.RunAsync("dotnet", [ServerProcess.Program, "alias", "add", pattern, target, "--data", Data]);
        Assert.True(made.ExitCode == 0, made.Output + made.Errors);
    }

    /// <summary>Waits until a message to this address has left; answers the log's line, which names rule and certificate.</summary>
    internal async Task<string> DeliveredAsync(string to)
    {
        await process!.WaitAsync(() => Task.FromResult(Line() is not null));
        return Line()!;

        string? Line() => process.Said.Split('\n').LastOrDefault(line => line.Contains("delivered to " + to, StringComparison.Ordinal));
    }

    /// <summary>Waits until an attempt at this address was put off; answers what the queue shows of it.</summary>
    internal async Task<(string Reply, string Protection)> DeferredAsync(string to)
    {
        (string, string)? found = null;
        await process!.WaitAsync(async () =>
        {
            var listed = await Peer.RunAsync("dotnet", [ServerProcess.Program, "queue", "list", "--json", "--data", Data]);
            using var queue = JsonDocument.Parse(listed.Output);
            foreach (var recipient in queue.RootElement.EnumerateArray().SelectMany(message => message.GetProperty("recipients").EnumerateArray()))
            {
                if (recipient.GetProperty("address").GetString() == to && recipient.GetProperty("attempts").GetInt32() > 0)
                    found = (recipient.GetProperty("lastReply").GetString()!, recipient.GetProperty("lastProtection").GetString()!);
            }
            return found is not null;
        });
        await Peer.RunAsync("dotnet", [ServerProcess.Program, "queue", "drop", "--all", "--data", Data]);
        return found!.Value;
    }

    private Task ConfigureAsync(int port) => File.WriteAllTextAsync(Path.Combine(Data, "sternpost.toml"), $"""
        [server]
        hostname = "mail.{domain}"
        [listeners.mx]
        addresses = ["{address}"]
        port = {port}
        [tls]
        certificate = "{lab.Certificates.FileOf(node + ".pem")}"
        key = "{lab.Certificates.FileOf(node + ".key")}"
        [filter]
        refuse = false
        [queue]
        retry = ["10m"]
        [transport]
        policy_mode = "enforce"
        report = false
        [dns]
        resolvers = ["{TransportLab.Resolver}"]
        trusted = ["{TransportLab.Resolver}"]
        """);
}
