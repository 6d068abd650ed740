namespace Sternpost.Fronts.Consulted;

/// <summary>What another filter said.</summary>
/// <param name="Share">Its score as a share of what it marks from: 1 where it would just mark the message as spam, 2 where it would refuse it.</param>
/// <param name="Words">What it said, for people.</param>
internal sealed record Opinion(double Share, string Words);

/// <summary>Asks one filter.</summary>
internal interface IConsultation
{
    /// <summary>Its opinion.</summary>
    /// <exception cref="IOException">It gave none; that is no verdict either way.</exception>
    ValueTask<Opinion> AskAsync(ConsultedFilter filter, Sternpost.Filter.MessageUnderJudgement message, CancellationToken cancellation);
}
