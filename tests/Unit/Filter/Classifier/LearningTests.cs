using Sternpost.Filter.Classifier;

namespace Sternpost.Unit.Filter.Classifier;

public class LearningTests
{
    [Fact]
    public void What_was_learned_is_recognised_in_other_words()
    {
        var classifier = new StatisticalClassifier(null, learning: true);
        var (offer, minutes) = (Offer(0, 100), Minutes(0, 100));
        Assert.Equal(classifier.LogOdds(offer), classifier.LogOdds(minutes), 1e-6);
        for (var i = 1; i <= 30; i++)
        {
            classifier.Learn(Offer(i, 40 + i), spam: true);
            classifier.Learn(Minutes(i, 40 + i), spam: false);
        }
        Assert.True(classifier.LogOdds(offer) > 2, $"{classifier.LogOdds(offer)}");
        Assert.True(classifier.LogOdds(minutes) < -2, $"{classifier.LogOdds(minutes)}");
    }

    [Fact]
    public void A_classifier_that_may_not_learn_does_not()
    {
        var classifier = new StatisticalClassifier(DayZeroModel.Shipped);
        var before = classifier.LogOdds(Offer(0, 100));
        for (var i = 0; i < 20; i++) classifier.Learn(Offer(0, 100), spam: false);
        Assert.Equal(before, classifier.LogOdds(Offer(0, 100)));
    }

    private static Features Offer(int sender, int percent) => FeatureExtractor.Of(Letter.Judged($"""
        From: Pharmacy {sender} <pills{sender}@cheap-{sender}.example>
        To: reader@example.com
        Subject: Save {percent}% on blue pills today

        Dear customer, order {percent} pills now and save! Cheap price, no prescription.
        http://cheap-{sender}.example/order/{percent}
        """));

    private static Features Minutes(int number, int page) => FeatureExtractor.Of(Letter.Judged($"""
        From: Anna Weber <anna.weber@club.example>
        To: reader@example.com
        Subject: Re: minutes of meeting {number}
        In-Reply-To: <{number}@club.example>

        Hello, the minutes are on page {page} of the folder. See you on Thursday at the usual place, Anna
        """));
}
