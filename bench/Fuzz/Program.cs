using System.Globalization;
using Sternpost.Fuzz.Engine;
using Sternpost.Fuzz.Targets;

// sternpost fuzz targets, started from the repository: dotnet run -c Release --project bench/Fuzz -- list|run TARGET|replay TARGET FILE
return args switch
{
    ["list"] => List(),
    ["run", var name, .. var options] => Run(name, options),
    ["replay", var name, var file] => Replay(name, file),
    // What "run" starts of itself, with the parsers instrumented.
    [Instrumentation.Child, var name, var folder, var minutes, var seed] => RunInstrumented(name, folder, minutes, seed),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("list | run TARGET|all [--minutes 10] [--seed 1] | replay TARGET FILE");
    return 2;
}

static int List()
{
    foreach (var target in AllTargets.List) Console.WriteLine($"{target.Name,-20} {target.What}");
    return 0;
}

static int Run(string name, string[] options)
{
    var (minutes, seed) = (10.0, 1);
    for (var i = 0; i + 1 < options.Length; i += 2)
    {
        if (options[i] == "--minutes") minutes = double.Parse(options[i + 1], CultureInfo.InvariantCulture);
        else if (options[i] == "--seed") seed = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
        else return Usage();
    }
    var chosen = name == "all" ? AllTargets.List : [.. AllTargets.List.Where(target => target.Name == name)];
    if (chosen.Count == 0) return Usage();
    var worst = 0;
    foreach (var target in chosen) worst = Math.Max(worst, Instrumentation.RunChild(target, Path.Combine("artifacts", "fuzz"), minutes, seed));
    return worst;
}

static int RunInstrumented(string name, string folder, string minutes, string seed)
{
    // First of all: what is instrumented counts into the map from its first line on.
    using var coverage = Coverage.OfInstrumented();
    var target = AllTargets.List.Single(target => target.Name == name);
    using var input = new CurrentInput(CurrentInput.PathFor(folder));
    var run = new FuzzRun(target, coverage, int.Parse(seed, CultureInfo.InvariantCulture)) { Folder = folder, Current = input, Progress = Console.Out };
    var outcome = run.For(TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)));
    Console.WriteLine(outcome);
    return outcome.Findings.Count == 0 ? 0 : 1;
}

static int Replay(string name, string file)
{
    var target = AllTargets.List.Single(target => target.Name == name);
    var run = new FuzzRun(target, Coverage.None, 1);
    var finding = run.Try(File.ReadAllBytes(file));
    Console.WriteLine(finding?.ToString() ?? $"no finding ({run.WorstTime.TotalMilliseconds:0.0} ms, {run.WorstAllocation / 1024} KB)");
    return finding is null ? 0 : 1;
}
