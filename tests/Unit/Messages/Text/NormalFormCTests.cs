using Sternpost.Messages.Text;

namespace Sternpost.Unit.Messages.Text;

public sealed class NormalFormCTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("a\u0302\u0323", "\u1ead")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\uac00\u11a8", "\uac01")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u1e0b\u0323", "\u1e0d\u0307")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U000110a5\U000110ba", "\U000110ab")]
    [InlineData("\u0f71\u0f72\u0f74", "\u0f71\u0f72\u0f74")]
    [InlineData("\u0301e", "\u0301e")]
    public void Text_is_composed(string text, string composed)
    {
        Assert.Equal(composed, NormalFormC.Of(text));
        Assert.Equal(composed, NormalFormC.Of(composed));
    }
}
