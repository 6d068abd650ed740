using Sternpost.Filter.Lessons;

namespace Sternpost.Unit.Filter.Lessons;

public sealed class LearnedWeightsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void What_is_asked_is_what_was_taught(int lessons)
    {
        var random = new Random(lessons);
        var taught = new LessonWeights();
        for (var i = 0; i < lessons; i++) taught.Add([(uint)random.NextInt64(1L << 32)], (float)((random.NextDouble() * 6) - 3));
        if (lessons > 1) taught.Add([0u, uint.MaxValue], 1.5f);
        var learned = new LearnedWeights(taught.Write());
        for (var bucket = 0; bucket < LessonWeights.Buckets; bucket++) Assert.Equal(taught[bucket], learned[bucket]);
        var hashes = Enumerable.Range(0, 5000).Select(_ => (uint)random.NextInt64(1L << 32)).ToArray();
        Assert.Equal(taught.Sum(hashes), learned.Sum(hashes));
        var again = LessonWeights.Read(taught.Write());
        for (var bucket = 0; bucket < LessonWeights.Buckets; bucket++) Assert.Equal(taught[bucket], again[bucket]);
    }

    [Fact]
    public void What_is_damaged_ends_what_is_known_and_harms_nothing()
    {
        var random = new Random(5);
        var taught = new LessonWeights();
        for (var i = 0; i < 500; i++) taught.Add([(uint)random.NextInt64(1L << 32)], 1);
        var whole = taught.Write();
        for (var i = 0; i < 2000; i++)
        {
            var blob = whole[..random.Next(whole.Length)];
            for (var flips = random.Next(4); flips > 0 && blob.Length > 0; flips--) blob[random.Next(blob.Length)] = (byte)random.Next(256);
            var (learned, again) = (new LearnedWeights(blob), LessonWeights.Read(blob));
            for (var bucket = 0; bucket < LessonWeights.Buckets; bucket += 97) Assert.Equal(again[bucket], learned[bucket]);
        }
    }
}
