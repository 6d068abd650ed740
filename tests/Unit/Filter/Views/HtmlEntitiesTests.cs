using CsCheck;
using Sternpost.Filter.Views;

namespace Sternpost.Unit.Filter.Views;

public class HtmlEntitiesTests
{
    [Theory]
    [InlineData("&amp;", false, 5, "&")]
    [InlineData("&amp", false, 4, "&")]
    [InlineData("&ampx", false, 4, "&")]
    [InlineData("&ampx", true, 0, "")]
    [InlineData("&notit;", false, 4, "¬")]
    [InlineData("&period;", false, 8, ".")]
    [InlineData("&colon;", false, 7, ":")]
    [InlineData("&CounterClockwiseContourIntegral;", false, 33, "∳")]
    [InlineData("&#65;", false, 5, "A")]
    [InlineData("&#x41;", false, 6, "A")]
    [InlineData("&#150;", false, 6, "–")]
    [InlineData("&#x110000;", false, 10, "\uFFFD")]
    [InlineData("&unknown;", false, 0, "")]
    [InlineData("& ", false, 0, "")]
    public void A_reference_reads_as_in_a_reader(string text, bool inAttribute, int length, string value)
    {
        Assert.Equal(length, HtmlEntities.Read(text, inAttribute, out var read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void An_address_keeps_its_parameters() =>
        Assert.Equal("http://a.example/?x=1&copy=2&y", HtmlEntities.DecodeAttribute("http://a.example/?x=1&copy=2&amp;y"));

    [Fact]
    public void Any_text_is_read_without_going_past_its_end() =>
        Gen.String[Gen.Char["&#x;aA0145ampltCounter "], 0, 60].Sample(text =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '&') Assert.InRange(HtmlEntities.Read(text.AsSpan(i), false, out _), 0, text.Length - i);
            }
        });
}
