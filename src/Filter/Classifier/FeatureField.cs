namespace Sternpost.Filter.Classifier;

/// <summary>Where a word stood; the numbers are part of the model's format.</summary>
internal static class FeatureField
{
    internal const uint Body = 1;
    internal const uint Subject = 2;
    internal const uint FromName = 3;
    internal const uint FromDomain = 4;
    internal const uint FromLocalPart = 5;
    internal const uint ReplyToDomain = 6;
    internal const uint LinkHost = 7;
    internal const uint LinkPath = 8;
    internal const uint Hidden = 9;
    internal const uint HeaderName = 10;
    internal const uint Mailer = 11;
    internal const uint Shape = 12;
    internal const uint ContentType = 13;
    internal const uint Charset = 14;
    internal const uint FileName = 15;
    internal const uint ListField = 16;
    internal const uint MessageIdShape = 18;
    internal const uint BodyPair = 19;
    internal const uint SubjectPair = 20;
    internal const uint SubjectText = 21;
    internal const uint BodyText = 22;
    internal const uint FromTopLevel = 23;
    internal const uint LinkTopLevel = 24;
    internal const uint Relation = 25;
    internal const uint ClientTopLevel = 26;
    internal const uint LinkShape = 27;
}
