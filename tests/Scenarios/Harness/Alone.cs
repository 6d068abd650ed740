namespace Sternpost.Scenarios.Harness;

/// <summary>Tests that load the machine or measure time: they run one after another, when no other test runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
