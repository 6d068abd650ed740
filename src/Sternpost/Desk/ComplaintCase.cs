using Sternpost.Reports.Complaints;

namespace Sternpost.Desk;

/// <summary>A complaint that was kept.</summary>
/// <param name="Id">Of the case.</param>
/// <param name="Received">When it came.</param>
/// <param name="Kind">How it was written.</param>
/// <param name="Reporter">The address it came from.</param>
/// <param name="Proved">True where that address is proved by DMARC.</param>
/// <param name="Category">What it complains of, in the form's word.</param>
/// <param name="Subject">The subject of the message complained of.</param>
/// <param name="MessageId">Its Message-ID.</param>
/// <param name="TrailId">Our message, where it was found.</param>
/// <param name="Account">The account that sent it; empty where it was not found.</param>
/// <param name="Excerpt">The beginning of the complaint.</param>
/// <param name="Closed">When the case was closed; null while it is open.</param>
/// <param name="Note">What was said then.</param>
internal sealed record ComplaintCase(
    long Id, DateTimeOffset Received, ComplaintKind Kind, string Reporter, bool Proved, string Category, string Subject, string MessageId, long? TrailId, string Account, string Excerpt, DateTimeOffset? Closed, string Note);
