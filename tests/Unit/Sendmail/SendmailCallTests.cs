using Sternpost.Sendmail;

namespace Sternpost.Unit.Sendmail;

/// <summary>Command lines as the programs that call sendmail write them.</summary>
public class SendmailCallTests
{
    [Theory]
    // PHP's default sendmail_path, and with the fifth argument of mail().
    [InlineData("-t -i", true, true, null)]
    [InlineData("-t -i -fshop@company.example", true, true, "shop@company.example")]
    // PHPMailer in its sendmail mode.
    [InlineData("-oi -f shop@company.example -t", true, true, "shop@company.example")]
    // cron of Debian and of Vixie.
    [InlineData("-i -FCronDaemon -B8BITMIME -oem root", false, true, null)]
    [InlineData("-FCronDaemon -odi -oem -oi root", false, true, null)]
    // git send-email.
    [InlineData("-i -f clerk@company.example -- partner@elsewhere.example", false, true, "clerk@company.example")]
    // bsd-mailx and mutt.
    [InlineData("-i root", false, true, null)]
    [InlineData("-oem -oi -f clerk@company.example -- partner@elsewhere.example", false, true, "clerk@company.example")]
    [InlineData("-ti", true, true, null)]
    [InlineData("-O IgnoreDots -r a@company.example b@company.example", false, true, "a@company.example")]
    [InlineData("-bm -v -U -N failure,delay -R hdrs -V key42 a@b.example", false, false, null)]
    [InlineData("-X /tmp/written.php -O QueueDirectory=/tmp -t", true, false, null)]
    public void Options_are_read_as_their_callers_mean_them(string line, bool fromHeader, bool dotsAreText, string? sender)
    {
        var call = SendmailCall.Read("sendmail", line.Split(' '));
        Assert.Equal(SendmailMode.Deliver, call.Mode);
        Assert.Equal((fromHeader, dotsAreText, sender), (call.RecipientsInHeader, call.DotsAreText, call.Sender));
    }

    [Fact]
    public void What_follows_two_hyphens_is_a_recipient_and_status_notifications_are_asked_for()
    {
        var call = SendmailCall.Read("sendmail", ["-N", "success,failure", "-R", "full", "-V", "key42", "--", "-t@company.example", "b@company.example"]);
        Assert.Equal(["-t@company.example", "b@company.example"], call.Recipients);
        Assert.Equal(("SUCCESS,FAILURE", "FULL", "key42"), (call.Notify, call.Return, call.EnvelopeId));
        Assert.False(call.RecipientsInHeader);
    }

    [Theory]
    [InlineData("mailq", "", SendmailMode.ListQueue)]
    [InlineData("newaliases", "", SendmailMode.NewAliases)]
    [InlineData("sendmail", "-bp", SendmailMode.ListQueue)]
    [InlineData("sendmail", "-bi", SendmailMode.NewAliases)]
    [InlineData("sendmail", "-bs", SendmailMode.Dialogue)]
    [InlineData("sendmail", "-t -bs", SendmailMode.Dialogue)]
    [InlineData("sendmail", "-q30m", SendmailMode.Flush)]
    [InlineData("sendmail", "--help", SendmailMode.Help)]
    public void Modes(string name, string line, object mode) =>
        Assert.Equal((SendmailMode)mode, SendmailCall.Read(name, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Mode);

    [Theory]
    [InlineData("-f")]
    [InlineData("-j")]
    [InlineData("-bd")]
    [InlineData("-bv")]
    public void Wrong_usage_has_its_exit_code(string line) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<SendmailException>(() => SendmailCall.Read("sendmail", line.Split(' '))).Code);

    [Fact]
    public void A_configuration_that_is_not_roots_is_not_taken_from_the_arguments()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only where files have owners.");
            return;
        }
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "host = attacker.example\nuser = a@b.example\npassword = secret\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
            var failure = Assert.Throws<SendmailException>(() => MailSettings.Load(path));
            Assert.Equal(ExitCode.Configuration, failure.Code);
            Assert.Contains("root", failure.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_named_by_number_alone()
    {
        var failure = Assert.Throws<SendmailException>(() => MailSettings.Parse("/etc/sendmail.conf", ["# ours", "host = mail.company.example", "pasword = s3cret"]));
        Assert.Contains("line 3", failure.Message);
        Assert.DoesNotContain("s3cret", failure.Message);
    }
}
