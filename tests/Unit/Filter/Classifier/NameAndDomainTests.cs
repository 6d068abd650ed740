using Sternpost.Filter.Classifier;

namespace Sternpost.Unit.Filter.Classifier;

public class NameAndDomainTests
{
    [Theory]
    [InlineData("La Palmera", "hello@lapalmera.example", "lapalmera.example", "name-in-domain")]
    [InlineData("Ember", "contact@ember.example", "ember.example", "name-in-domain")]
    [InlineData("Garden Plants", "garden@gardenplants.example", "gardenplants.example", "name-in-both")]
    [InlineData("Sam Club", "samclub@jionsuperset.example", "jionsuperset.example", "name-in-local-part-only")]
    [InlineData("Robert", "thomas@senderhost.example", "senderhost.example", "name-in-neither")]
    public void Says_where_the_name_is_found_again(string name, string address, string registered, string expected)
    {
        var set = new FeatureSet();
        NameAndDomain.Add(name, address, registered, set);
        var token = WordHash.Of(FeatureField.Relation, expected);
        Assert.True(set.Span.Contains(token));
        foreach (var other in new[] { "name-in-domain", "name-in-both", "name-in-local-part-only", "name-in-neither" })
        {
            if (other != expected) Assert.False(set.Span.Contains(WordHash.Of(FeatureField.Relation, other)));
        }
    }
}
