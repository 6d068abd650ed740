using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.Smtp.Server;

namespace Sternpost.Unit.Smtp;

/// <summary>The budgets of header section and lines, against a plain count.</summary>
public sealed class TextFormTests
{
    private static readonly SmtpServerOptions Options = new() { HostName = DomainName.Parse("mail.here.test"), HeaderSection = 12, TextLine = 10 };

    [Fact]
    public void Header_and_lines_are_measured_as_one_would_count_them() => Gen.Int[0, 3].Select(pick => new[] { "\r\n", "a", "bb", "ccccc" }[pick]).Array[0, 20].Sample(parts =>
    {
        var text = string.Concat(parts);
        var lines = text.Split("\r\n");
        var header = text.StartsWith("\r\n", StringComparison.Ordinal) ? 0 : text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end ? end + 2 : text.Length;
        var expected = header > Options.HeaderSection ? Replies.HeaderTooLong
            : lines.Where((line, index) => line.Length + (index < lines.Length - 1 ? 2 : 0) > Options.TextLine).Any() ? Replies.TextLineTooLong
            : null;
        Assert.Same(expected, TextForm.Measure(Encoding.ASCII.GetBytes(text), Options));
    }, iter: 20_000);
}
