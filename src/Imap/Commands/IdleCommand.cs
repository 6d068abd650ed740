using System.Text;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Wire;

namespace Sternpost.Imap.Commands;

/// <summary>IDLE (RFC 9051 §6.3.13): news is told as it comes, until the client says DONE.</summary>
internal static class IdleCommand
{
    internal static async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        session.Writer.Line("+ Idling");
        var due = false;
        // One line now and then keeps address translators on the way from forgetting the connection.
        var timer = session.Server.Time.CreateTimer(_ =>
        {
            Volatile.Write(ref due, true);
            session.Wake();
        }, null, session.Options.KeepAlive, session.Options.KeepAlive);
        await using (timer.ConfigureAwait(false))
        {
            // Set before the first look for news, so that what comes between the look and the wait ends the wait.
            session.IsIdling = true;
            try
            {
                var begun = session.Server.Time.GetTimestamp();
                await session.TellNewsAsync(mayExpunge: true, force: true).ConfigureAwait(false);
                while (!session.IsOver)
                {
                    var left = session.Options.IdleTimeout - session.Server.Time.GetElapsedTime(begun);
                    var (status, line) = await session.Reader.ReadLineAsync(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1)).ConfigureAwait(false);
                    if (status == LineStatus.Closed) throw new IOException("The client left during IDLE.");
                    if (status != LineStatus.Interrupted)
                    {
                        return status == LineStatus.Line && Ascii.EqualsIgnoreCase(line.Span, "DONE"u8)
                            ? Completion.Ok("That was IDLE") : Completion.Bad("IDLE ends with DONE");
                    }
                    if (session.Connection.Draining.IsCancellationRequested)
                    {
                        session.Writer.Line(session.Goodbye);
                        session.IsOver = true;
                        break;
                    }
                    if (Volatile.Read(ref due))
                    {
                        Volatile.Write(ref due, false);
                        session.Writer.Line("* OK Still here");
                    }
                    await session.TellNewsAsync(mayExpunge: true, force: false).ConfigureAwait(false);
                }
            }
            finally
            {
                session.IsIdling = false;
            }
        }
        return Completion.No("The session is over");
    }
}
