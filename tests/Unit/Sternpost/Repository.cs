namespace Sternpost.Unit.House;

/// <summary>Finds the repository, because some tests compare documents with code.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Sternpost.slnx")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("These tests run inside the repository."));
}
