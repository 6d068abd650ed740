namespace Sternpost.Unit.House;

/// <summary>The checkout the tests run in, found by walking up from the test program.</summary>
internal static class RepositoryRoot
{
    internal static string Path { get; } = Find();

    internal static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>The suites beside the checkout, or null where this machine has none.</summary>
    internal static string? Suite(params string[] parts)
    {
        var suite = System.IO.Path.Combine([Path, "..", "shared", "suites", .. parts]);
        return System.IO.Path.Exists(suite) ? suite : null;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Sternpost.slnx"))) return folder.FullName;
        }
        throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}
