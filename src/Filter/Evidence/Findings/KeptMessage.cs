using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Findings;

/// <summary>What is known of a copy since it was delivered.</summary>
public enum KnownLabel
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Its owner moved it to Junk.</summary>
    Spam = 1,
    /// <summary>Its owner took it out of Junk.</summary>
    Wanted = 2,
    /// <summary>Its owner answered it.</summary>
    Answered = 3,
    /// <summary>Its owner read it and left it in the inbox for a day.</summary>
    Kept = 4,
}

/// <summary>A message as it was judged, without its text.</summary>
/// <param name="Id">Stable, rising with time.</param>
/// <param name="At">When it was judged.</param>
/// <param name="Reference">What log lines and a refused sender quote.</param>
/// <param name="MessageId">Its Message-ID without brackets; empty where it had none.</param>
/// <param name="Sender">Its author's address.</param>
/// <param name="Disposition">The server's verdict.</param>
/// <param name="Score">Its score, log-odds of spam.</param>
/// <param name="Findings">What was found: symbols and weights, without explanations.</param>
/// <param name="Copies">Where its copies went; none where it was refused.</param>
public sealed record KeptMessage(
    long Id, DateTimeOffset At, string Reference, string MessageId, string Sender, Disposition Disposition, double Score, IReadOnlyList<Finding> Findings, IReadOnlyList<KeptCopy> Copies)
{
    /// <summary>What people say of it: spam or wanted where they agree, null where nobody said anything or they differ.</summary>
    public bool? IsSpam
    {
        get
        {
            bool spam = false, wanted = false;
            foreach (var copy in Copies)
            {
                spam |= copy.Label == KnownLabel.Spam;
                wanted |= copy.Label is KnownLabel.Wanted or KnownLabel.Answered or KnownLabel.Kept;
            }
            return spam == wanted ? null : spam;
        }
    }
}

/// <summary>One account's copy.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="EmailId">The copy; it may be gone.</param>
/// <param name="Disposition">Inbox or Junk.</param>
/// <param name="Shift">What the account's own evidence added to the score.</param>
/// <param name="Label">What is known of it since.</param>
public sealed record KeptCopy(long AccountId, long EmailId, Disposition Disposition, double Shift, KnownLabel Label);

/// <summary>A copy as the intake delivered it.</summary>
/// <param name="AccountId">To whom.</param>
/// <param name="EmailId">The copy's id.</param>
/// <param name="MailboxId">Where it lies.</param>
/// <param name="Uid">Its uid there.</param>
/// <param name="Verdict">The verdict it was filed by.</param>
public sealed record DeliveredCopy(long AccountId, long EmailId, long MailboxId, long Uid, Verdict Verdict);
