using System.Text;
using Sternpost.Filter;

namespace Sternpost.Fronts.Consulted;

/// <summary>
/// Asks amavisd by AM.PDP (README.protocol of amavisd-new): lines of attributes, an empty line, and the same back. The message itself is
/// handed over in a file, which amavisd must be able to read: a folder for its group alone is made for each.
/// </summary>
internal sealed class AmavisConsultation : IConsultation
{
    private const int MaxReply = 64 * 1024;

    public async ValueTask<Opinion> AskAsync(ConsultedFilter filter, MessageUnderJudgement message, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows()) throw new IOException("amavisd is not for this system");
        // Beside amavisd's own socket, where its group may read; elsewhere in the system's temporary folder.
        var root = filter.EndPoint is System.Net.Sockets.UnixDomainSocketEndPoint ? Path.GetDirectoryName(filter.Text[(filter.Text.IndexOf(':', StringComparison.Ordinal) + 1)..])! : Path.GetTempPath();
        var folder = Path.Combine(root, "sternpost-" + Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // For amavisd's group, which the folder above hands down (its set-group bit); amavisd unpacks the message there. The umask has no say in it.
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup);
        try
        {
            var file = Path.Combine(folder, "email.txt");
            var writing = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead };
            await using (var stream = new FileStream(file, writing))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(TraceLines.Of(message)), cancellation).ConfigureAwait(false);
                await stream.WriteAsync(message.Raw, cancellation).ConfigureAwait(false);
            }
            await using var connection = await filter.ConnectAsync(cancellation).ConfigureAwait(false);
            await connection.WriteAsync(Encoding.UTF8.GetBytes(Request(message, folder, file)), cancellation).ConfigureAwait(false);
            return Read(await ReadAsync(connection, cancellation).ConfigureAwait(false));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Request(MessageUnderJudgement message, string folder, string file)
    {
        var request = new StringBuilder("request=AM.PDP\r\n");
        Add("sender", $"<{message.Envelope.ReversePath}>");
        foreach (var recipient in message.Envelope.Recipients.Take(100)) Add("recipient", $"<{recipient.Address}>");
        Add("tempdir", folder);
        Add("tempdir_removed_by", "client");
        Add("mail_file", file);
        Add("delivery_care_of", "client");
        if (message.ClientKnown) Add("client_address", message.Session.ClientAddress.ToString());
        if (message.Session.ReverseName is { } name) Add("client_name", name.Ascii);
        if (message.Session.Helo.Length > 0) Add("helo_name", message.Session.Helo);
        return request.Append("\r\n").ToString();

        // Values are encoded as in URLs, so that nothing a sender wrote ends a line.
        void Add(string name, string value)
        {
            request.Append(name).Append('=');
            foreach (var octet in Encoding.UTF8.GetBytes(value))
            {
                if (octet is > (byte)' ' and <= (byte)'~' and not (byte)'%') request.Append((char)octet);
                else request.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
            request.Append("\r\n");
        }
    }

    private static async ValueTask<string> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var reply = new byte[MaxReply];
        var have = 0;
        while (have < MaxReply)
        {
            var read = await stream.ReadAsync(reply.AsMemory(have), cancellation).ConfigureAwait(false);
            have += read;
            var text = Encoding.UTF8.GetString(reply, 0, have);
            if (read == 0 || text.Contains("\r\n\r\n", StringComparison.Ordinal)) return text;
        }
        throw new IOException("amavisd answered more than is read");
    }

    /// <summary>Reads the attributes of an answer: <c>return_value</c> decides, <c>X-Spam-Status</c> of <c>addheader</c> has the score.</summary>
    internal static Opinion Read(string reply)
    {
        string? decision = null;
        string said = "", status = "";
        foreach (var line in reply.Split("\r\n"))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) continue;
            var value = Uri.UnescapeDataString(line[(equals + 1)..]);
            switch (line[..equals])
            {
                case "return_value":
                    decision = value;
                    break;
                case "setreply":
                    said = value;
                    break;
                case "addheader" or "insheader" when value.Contains("X-Spam-Status", StringComparison.OrdinalIgnoreCase):
                    status = value;
                    break;
            }
        }
        if (decision is null or "tempfail" or "defer") throw new IOException("amavisd has no opinion of the message now");
        var words = ConsultedJudge.Printable($"{decision} ({said})");
        if (decision is "reject" or "discard") return new Opinion(2, words);
        return SpamStatus.Share(status) is { } share ? new Opinion(share, words) : new Opinion(0, words);
    }
}
