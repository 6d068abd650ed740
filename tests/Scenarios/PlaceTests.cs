namespace Sternpost.Scenarios;

public class PlaceTests
{
    [Fact]
    public void The_program_names_its_verbs() => Assert.NotNull(typeof(Commands.CommandTable).Assembly.EntryPoint);
}
