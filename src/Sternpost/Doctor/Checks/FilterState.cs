using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Whether the filter has its model and its lists.</summary>
internal static class FilterState
{
    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var filter = patient.Configuration.Filter;
        var results = new List<CheckResult>();
        try
        {
            _ = FilterComposition.Model(filter.Model);
            var options = FilterComposition.Options(patient.Configuration);
            var lists = options.AddressLists.Count + options.DomainLists.Count + options.HashLists.Count;
            if (!filter.Refuse) results.Add(CheckResult.Warning("Filter", "filter.refuse is off, so spam goes to Junk folders instead of being refused", "Set filter.refuse = true once you trust it."));
            if (results.Count == 0) results.Add(CheckResult.Ok("Filter", $"its model is loaded, {(lists == 0 ? "no DNS lists are configured" : lists + " DNS lists are asked")}"));
        }
        catch (Exception bad) when (bad is OperationFailedException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            results.Add(CheckResult.Failed("Filter", bad.Message, "Correct filter.model, or leave it out for the model that comes with the program."));
        }
        return Task.FromResult<IReadOnlyList<CheckResult>>(results);
    }
}
