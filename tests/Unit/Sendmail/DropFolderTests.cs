using System.Runtime.Versioning;
using Sternpost.Sendmail;

namespace Sternpost.Unit.Sendmail;

/// <summary>The folder that everybody may put mail into.</summary>
[SupportedOSPlatform("linux")]
public sealed class DropFolderTests : IDisposable
{
    private readonly DropFolder drop = new(Path.Combine(Path.GetTempPath(), "sternpost-drop-" + Guid.NewGuid().ToString("n")[..12]));

    public DropFolderTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only where files have owners.");
        drop.Prepare();
    }

    public void Dispose() => Directory.Delete(drop.Path, recursive: true);

    [Fact]
    public void A_message_is_kept_opened_once_at_a_time_and_gone_when_it_is_settled()
    {
        Assert.Equal(DropFolder.SharedMode, File.GetUnixFileMode(drop.Path));
        drop.Keep(Message());
        var name = Assert.Single(drop.Waiting());
        // Others of the computer can neither read it nor find its name.
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(drop.Path, name)) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite));
        using (var file = drop.Open(name))
        {
            Assert.NotNull(file);
            Assert.Equal("shop@company.example", file.Message.Sender);
            Assert.Null(drop.Open(name));
            file.Remove();
        }
        Assert.Empty(drop.Waiting());
    }

    [Fact]
    public void What_is_half_written_linked_or_no_file_is_nobodys_mail()
    {
        drop.Keep(Message());
        var whole = Path.Combine(drop.Path, drop.Waiting()[0]);
        var elsewhere = whole + ".elsewhere";
        File.Move(whole, elsewhere);

        File.CreateSymbolicLink(whole, elsewhere);
        Assert.Null(drop.Open(Path.GetFileName(whole)));
        File.Delete(whole);

        using (var link = System.Diagnostics.Process.Start("ln", [elsewhere, whole])) link.WaitForExit();
        Assert.Null(drop.Open(Path.GetFileName(whole)));
        File.Delete(whole);

        // Opening a pipe that nobody writes to would wait for ever.
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", [whole])) pipe.WaitForExit();
        Assert.Null(drop.Open(Path.GetFileName(whole)));
        File.Delete(whole);

        File.Move(elsewhere, whole);
        File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Null(drop.Open(Path.GetFileName(whole)));
        File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var good = drop.Open(Path.GetFileName(whole));
        Assert.NotNull(good);
    }

    private static HandedMessage Message() => new(HandedMessage.NewKey(), "shop@company.example", ["a@x.example"], "S: 1\r\n\r\nbody\r\n"u8.ToArray());
}
