using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>One message that a server may have taken: what its sender noted, and the reply once there is one.</summary>
/// <remarks>The octets of the message come from one thread and those of the reply from another.</remarks>
internal sealed class KeptNote
{
    private readonly TaskCompletionSource<SmtpReply?> over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReplyAssembly assembly = new();
    private readonly List<byte> line = [];
    private int remaining;

    /// <param name="frame">A frame of kind <see cref="WireFrame.Note"/>.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal KeptNote(byte[] frame)
    {
        if (frame.Length < WireFrames.NoteHeader) throw WireFrames.Damaged();
        remaining = BinaryPrimitives.ReadInt32LittleEndian(frame);
        Within = TimeSpan.FromMilliseconds(Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4))));
        Note = frame[WireFrames.NoteHeader..];
    }

    internal byte[] Note { get; }

    /// <summary>How long the reply may take.</summary>
    internal TimeSpan Within { get; }

    /// <summary>Whether all of the message has gone out, so that the server may take it.</summary>
    internal bool IsSent { get; private set; }

    /// <summary>Ends with the reply, or with null where there will be none.</summary>
    internal Task<SmtpReply?> Over => over.Task;

    /// <summary>Whether nothing is left to be kept: the message was refused, or the connection ended without a reply.</summary>
    internal bool IsSettled => over.Task.IsCompletedSuccessfully && over.Task.Result is not { IsPositive: true };

    /// <summary>So many more octets are about to go out. Asked before they do, because the reply may be quick.</summary>
    internal void Send(int octets)
    {
        remaining -= octets;
        if (remaining <= 0) IsSent = true;
    }

    /// <summary>The server says.</summary>
    internal void Hear(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (over.Task.IsCompleted) return;
            if (octet != '\n')
            {
                line.Add(octet);
                if (line.Count > ReplyAssembly.MaxLine) End();
                continue;
            }
            var taken = assembly.Add(((ReadOnlySpan<byte>)CollectionsMarshal.AsSpan(line)).TrimEnd((byte)'\r'));
            line.Clear();
            if (taken == ReplyStep.Complete) over.TrySetResult(assembly.Reply);
            else if (taken == ReplyStep.Malformed) End();
        }
    }

    /// <summary>There is no more to come; what was heard before stands.</summary>
    internal void End() => over.TrySetResult(null);
}
