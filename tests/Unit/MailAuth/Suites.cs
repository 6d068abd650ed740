namespace Sternpost.Unit.MailAuth;

/// <summary>The conformance suites that lie beside the repository, where they do.</summary>
internal static class Suites
{
    /// <summary>The path of a file or folder of the suites; null where they are missing.</summary>
    public static string? Find(string path)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "suites", path);
            if (Path.Exists(candidate)) return candidate;
        }
        return null;
    }

    /// <summary>The path, or the test is skipped naming what is missing.</summary>
    public static string Require(string path)
    {
        var found = Find(path);
        if (found is null) Assert.Skip($"shared/suites/{path} is not beside this repository.");
        return found;
    }
}
