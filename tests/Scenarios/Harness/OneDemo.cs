namespace Sternpost.Scenarios.Harness;

/// <summary>One demo server shared by the tests of a class that do not disturb each other.</summary>
public sealed class OneDemo : IAsyncLifetime
{
    public DemoServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await DemoServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
