using System.Security.Cryptography;
using System.Text;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Lessons;

/// <summary>
/// A message as lessons see it: who sent it and what it says, each with a fixed share of the whole, so that one correction speaks
/// about the sender's next message and about the same text from another sender, in known proportion.
/// </summary>
internal sealed class LessonFeatures
{
    // Shares of a lesson's effect: the squares of the values of all features of a message add up to 1.
    private const float AddressShare = 0.40f;
    private const float DomainShare = 0.15f;
    private const float ListShare = 0.10f;
    private const float TextShare = 0.35f;

    private readonly uint[] words;
    private readonly List<Sender> senders = new(3);

    private LessonFeatures(uint[] words, bool authenticated)
    {
        this.words = words;
        Authenticated = authenticated;
    }

    /// <summary>DMARC passed: what is known about the sender's name is about the sender.</summary>
    internal bool Authenticated { get; }

    internal static LessonFeatures Of(MessageUnderJudgement message, Features features, bool authenticated)
    {
        var lesson = new LessonFeatures(features[FeatureKind.Words], authenticated);
        var from = message.From;
        if (from.Domain.Length > 0)
        {
            lesson.Add(LessonField.Address, from.Address, AddressShare);
            if (!FreeMail.Contains(from.Domain)) lesson.Add(LessonField.Domain, from.Domain, DomainShare);
        }
        if (message.Header.TryGet("List-Id"u8, out var list)) lesson.Add(LessonField.List, HeaderText.Raw(list), ListShare);
        return lesson;
    }

    /// <summary>The sum of <paramref name="weights"/> for this message.</summary>
    internal float Shift(IBucketWeights weights)
    {
        var sum = weights.Sum(words) * TextValue;
        foreach (var sender in senders)
        {
            sum += weights[sender.Plain] * sender.Value;
            if (Authenticated) sum += weights[sender.Proved] * sender.Value;
        }
        return sum;
    }

    /// <summary>
    /// Adds a lesson of <paramref name="step"/>. That an authenticated sender's mail is wanted is learned of the authenticated
    /// sender only, so that nobody profits from it by forging the address.
    /// </summary>
    internal void Teach(LessonWeights weights, float step) => Add(weights, step, Authenticated && step < 0);

    /// <summary>Takes back a lesson of <paramref name="step"/> of which <paramref name="remaining"/> has not faded.</summary>
    internal void Undo(LessonWeights weights, float step, float remaining) => Add(weights, -step * remaining, Authenticated && step < 0);

    private void Add(LessonWeights weights, float step, bool proved)
    {
        weights.Add(words, step * TextValue);
        foreach (var sender in senders) weights.Add(proved ? sender.Proved : sender.Plain, step * sender.Value);
    }

    /// <summary>How far one lesson of step 1 moves this very message.</summary>
    internal float Energy
    {
        get
        {
            var energy = words.Length == 0 ? 0 : TextShare;
            foreach (var sender in senders) energy += sender.Value * sender.Value;
            return energy;
        }
    }

    /// <summary>Sixteen octets that tell this message from others, the same whatever header fields were added to it on its way.</summary>
    internal static byte[] KeyOf(MessageUnderJudgement message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in (ReadOnlySpan<string>)["Message-ID", "From", "Subject", "Date"])
        {
            if (message.Header.TryGet(Encoding.ASCII.GetBytes(name), out var value)) hash.AppendData(value);
            hash.AppendData("\n"u8);
        }
        var body = message.Raw.Span[message.Header.BodyStart..];
        hash.AppendData(body[..Math.Min(body.Length, 16384)]);
        return hash.GetHashAndReset()[..16];
    }

    private float TextValue => words.Length == 0 ? 0 : MathF.Sqrt(TextShare / words.Length);

    private void Add(uint field, string text, float share)
    {
        var hash = WordHash.Of(field, text);
        senders.Add(new Sender(LessonWeights.Bucket(hash), LessonWeights.Bucket(WordHash.Pair(hash, LessonField.Proved)), MathF.Sqrt(share)));
    }

    private readonly record struct Sender(int Plain, int Proved, float Value);

    private static class LessonField
    {
        internal const uint Address = 101;
        internal const uint Domain = 102;
        internal const uint List = 103;
        internal const uint Proved = 104;
    }
}
