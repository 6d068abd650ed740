using System.Buffers;
using System.Text;
using Sternpost.Network;

namespace Sternpost.ManageSieve.Server;

/// <summary>Writes responses into the connection's pipe, where they gather until they are flushed.</summary>
internal sealed class ResponseWriter(MailConnection connection, TimeSpan patience)
{
    // quoted is limited to 1024 octets between the quotes (RFC 5804 §4).
    private const int LongestQuoted = 1024;
    private const int Chunk = 32 * 1024;

    /// <summary>A line of strings, each quoted or a literal.</summary>
    internal void Strings(params ReadOnlySpan<string> strings)
    {
        for (var i = 0; i < strings.Length; i++)
        {
            if (i > 0) Raw(" ");
            String(strings[i]);
        }
        Raw("\r\n");
    }

    /// <summary>A script's name, and whether it is active.</summary>
    internal void Listed(string name, bool isActive)
    {
        String(name);
        Raw(isActive ? " ACTIVE\r\n" : "\r\n");
    }

    internal void Write(Reply reply)
    {
        Raw(reply.Status);
        if (reply.Code.Length > 0)
        {
            Raw(" (" + reply.Code);
            if (reply.Argument is not null)
            {
                Raw(" ");
                String(reply.Argument);
            }
            Raw(")");
        }
        if (reply.Text.Length > 0)
        {
            Raw(" ");
            String(reply.Text);
        }
        Raw("\r\n");
    }

    /// <summary>literal-s2c, a line of its own, of any size.</summary>
    internal async ValueTask LiteralAsync(ReadOnlyMemory<byte> octets)
    {
        Raw($"{{{octets.Length}}}\r\n");
        for (var at = 0; at < octets.Length; at += Chunk)
        {
            connection.Output.Write(octets.Span.Slice(at, Math.Min(Chunk, octets.Length - at)));
            await FlushAsync().ConfigureAwait(false);
        }
        Raw("\r\n");
    }

    /// <summary>Sends what has gathered and waits until the client takes it.</summary>
    /// <exception cref="IOException">The client has gone.</exception>
    /// <exception cref="OperationCanceledException">The client did not read in time.</exception>
    internal async ValueTask FlushAsync()
    {
        if (connection.Output.UnflushedBytes == 0) return;
        var result = await connection.Output.FlushAsync(connection.Within(patience)).ConfigureAwait(false);
        if (result.IsCompleted) throw new IOException("The client has gone.");
    }

    /// <summary>Sends what has gathered, once it is worth a write.</summary>
    internal ValueTask FlushIfFullAsync() => connection.Output.UnflushedBytes >= Chunk ? FlushAsync() : ValueTask.CompletedTask;

    /// <summary>A last word for a client whose deadline has passed: tried for a moment, then given up.</summary>
    internal async ValueTask FarewellAsync(Reply reply)
    {
        Write(reply);
        using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await connection.Output.FlushAsync(moment.Token).ConfigureAwait(false);
    }

    private void String(string value)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        if (octets.Length > LongestQuoted || octets.AsSpan().IndexOfAny("\r\n\0"u8) >= 0)
        {
            Raw($"{{{octets.Length}}}\r\n");
            connection.Output.Write(octets);
        }
        else
        {
            Raw($"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    private void Raw(string text)
    {
        var span = connection.Output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        connection.Output.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
