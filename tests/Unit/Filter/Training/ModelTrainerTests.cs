using System.Globalization;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Training;

namespace Sternpost.Unit.Filter.Training;

public sealed class ModelTrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_model_made_of_labelled_mail_knows_mail_like_it_and_is_the_same_each_time()
    {
        var corpus = new TrainingCorpus(Messages(200));
        var (first, second) = (Path.Combine(folder, "first.model"), Path.Combine(folder, "second.model"));
        var report = await ModelTrainer.TrainAsync([corpus], first, new Silent(), TestContext.Current.CancellationToken);
        await ModelTrainer.TrainAsync([corpus], second, new Silent(), TestContext.Current.CancellationToken);
        Assert.Equal((100, 100), (report.Ham, report.Spam));
        Assert.True(report.HeldOut.RocaComplement < 1, $"{report.HeldOut.RocaComplement}");
        var file = await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken);
        Assert.Equal(file, await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken));
        Assert.Equal(file.Length, report.Octets);

        var classifier = new StatisticalClassifier(DayZeroModel.Read(file));
        Assert.True(classifier.LogOdds(FeatureExtractor.Of(Letter.Judged(Text(777, spam: true)))) > 1);
        Assert.True(classifier.LogOdds(FeatureExtractor.Of(Letter.Judged(Text(778, spam: false)))) < -1);
        Assert.Throws<InvalidDataException>(() => DayZeroModel.Read(file.AsMemory(0, file.Length - 1)));
        file[4]++;
        Assert.Throws<InvalidDataException>(() => DayZeroModel.Read(file));
    }

    [Fact]
    public async Task One_class_alone_is_refused_with_the_reason()
    {
        var corpus = new TrainingCorpus([.. Messages(20).Where(message => message.Spam)]);
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => ModelTrainer.TrainAsync([corpus], Path.Combine(folder, "none"), new Silent(), TestContext.Current.CancellationToken));
        Assert.Contains("both spam and ham", refusal.Message, StringComparison.Ordinal);
    }

    private List<LabelledMessage> Messages(int count)
    {
        var messages = new List<LabelledMessage>();
        for (var i = 0; i < count; i++)
        {
            var name = i.ToString("0000", CultureInfo.InvariantCulture);
            var path = Path.Combine(folder, name);
            File.WriteAllBytes(path, Letter.Octets(Text(i, i % 2 == 0)));
            messages.Add(new LabelledMessage(i % 2 == 0, name, path));
        }
        return messages;
    }

    private static string Text(int i, bool spam) => spam
        ? $"From: Prize {i} <win{i}@lucky{i}.example>\nTo: you@example.com\nSubject: You won {i * 7} dollars\n\nClaim your prize of {i * 13} dollars now at http://lucky{i}.example/claim\n"
        : $"From: Colleague {i % 9} <c{i % 9}@work.example>\nTo: you@example.com\nSubject: Re: report {i}\nIn-Reply-To: <{i}@work.example>\n\nThe draft of chapter {i * 3} is in the folder, please comment by Friday.\n";

    private sealed class Silent : IProgress<string>
    {
        public void Report(string value) { }
    }
}
