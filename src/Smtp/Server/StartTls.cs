namespace Sternpost.Smtp.Server;

/// <summary>STARTTLS (RFC 3207).</summary>
internal static class StartTls
{
    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        // RFC 3207 §4: 501 where there are parameters.
        if (!argument.IsEmpty) return Replies.NoArgument;
        if (session.Connection.IsTls) return Replies.TlsIsUp;
        // CVE-2011-0411: what comes in clear after the command was perhaps put there by somebody on the way. What comes later than
        // this look is read by the handshake, which fails on it.
        if (session.HasInput()) return Replies.PipelinedAfterStartTls;
        session.Write(Replies.StartTls);
        await session.FlushAsync().ConfigureAwait(false);
        if (await session.Connection.StartTlsAsync().ConfigureAwait(false))
        {
            session.Forget();
        }
        else
        {
            session.Services.Log.TlsFailed(session.Id, session.Client);
            session.Lost = true;
        }
        return null;
    }
}
