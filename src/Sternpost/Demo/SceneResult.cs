namespace Sternpost.Demo;

/// <summary>What became of a mail of the scene, as the sender was told by SMTP and the reader sees by IMAP.</summary>
/// <param name="Mail">The mail.</param>
/// <param name="Ending">Where it ended; null where it was accepted and lies nowhere, which must not be.</param>
/// <param name="Verdict">The verdict in a word, with the score where the server wrote one.</param>
/// <param name="Reason">Why, in a sentence.</param>
internal sealed record SceneResult(SceneMail Mail, Ending? Ending, string Verdict, string Reason)
{
    /// <summary>Whether it ended where it must.</summary>
    public bool IsRight => Ending == Mail.Ending;

    /// <summary>The line that is printed.</summary>
    public override string ToString()
    {
        var place = Ending switch
        {
            Demo.Ending.Inbox => "delivered",
            Demo.Ending.Junk => "to Junk",
            Demo.Ending.Refused => "refused",
            _ => "LOST",
        };
        return $"  {place,-10} {Mail.Title,-16} {Verdict,-13} {Reason}" + (IsRight ? "" : $"  [expected: {Mail.Ending.ToString().ToLowerInvariant()}]");
    }
}
