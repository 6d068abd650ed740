using System.Globalization;
using Sternpost.Commands;

namespace Sternpost.Composition;

/// <summary>
/// Held by a server on its data folder while it runs, so that a second one is told instead of delivering the same queue twice.
/// The lock goes with the process, however it ends; the file stays.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream file;

    private DataFolderLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock of <paramref name="folder"/>, making the folder where it is missing.</summary>
    /// <exception cref="OperationFailedException">Another server holds it.</exception>
    public static DataFolderLock Take(string folder)
    {
        PrivateFile.Folder(folder);
        var path = Path.Combine(folder, "server.lock");
        FileStream file;
        try
        {
            // FileShare.None is flock(2) here, which the kernel releases when the process dies.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new OperationFailedException($"A server already runs on {Path.GetFullPath(folder)}. Stop it first, or name another folder with --data.");
        }
        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        file.Flush();
        return new DataFolderLock(file);
    }

    public void Dispose() => file.Dispose();
}
