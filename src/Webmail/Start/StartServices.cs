using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.JSInterop;

namespace Sternpost.Webmail.Start;

/// <summary>
/// The services that Blazor's host asks for, each made when it is first asked for and kept. A start of the webmail is mostly the runtime making methods
/// ready that run for the first time, and a container that can do everything has a thousand of them; here is one scope, which lasts as long as the page.
/// </summary>
internal sealed class StartServices : IServiceProviderFactory<IServiceCollection>, IServiceProvider, IServiceScopeFactory, IServiceScope
{
    private readonly List<ServiceDescriptor> descriptors = [];
    // By the type that is asked for, and by the descriptor, which several types may lead to.
    private readonly Dictionary<object, object?> made = [];

    public IServiceProvider ServiceProvider => this;

    public IServiceCollection CreateBuilder(IServiceCollection services) => services;

    public IServiceProvider CreateServiceProvider(IServiceCollection containerBuilder)
    {
        // Values given down to components, from the address or from what a server wrote into the page beforehand, are for applications that have them.
        foreach (var descriptor in containerBuilder)
            if (descriptor.ServiceType.Name != "ICascadingValueSupplier") descriptors.Add(descriptor);
        made[typeof(IServiceProvider)] = this;
        made[typeof(IServiceScopeFactory)] = this;
        made[typeof(IComponentActivator)] = new Components();
        var logs = new LateLogs(this);
        made[typeof(ILoggerFactory)] = logs;
        made[typeof(ComponentStatePersistenceManager)] = new ComponentStatePersistenceManager(logs.For<ComponentStatePersistenceManager>());
        if (GetService(typeof(IJSRuntime)) is IJSRuntime runtime) made[typeof(IJSRuntime)] = new StartRuntime(runtime);
        return this;
    }

    public IServiceScope CreateScope() => this;

    /// <inheritdoc />
    public object? GetService(Type serviceType)
    {
        if (made.TryGetValue(serviceType, out var service)) return service;
        service = serviceType.IsConstructedGenericType && serviceType.GetGenericTypeDefinition() == typeof(IEnumerable<>) ? All(serviceType.GenericTypeArguments[0]) : Last(serviceType);
        made[serviceType] = service;
        return service;
    }

    // The page ends, and all with it.
    public void Dispose()
    {
    }

    private object? Last(Type type)
    {
        for (var i = descriptors.Count - 1; i >= 0; i--)
            if (descriptors[i].ServiceType == type) return Make(descriptors[i]);
        // What is registered for every type, as a logger of whatever.
        if (!type.IsConstructedGenericType) return null;
        var definition = type.GetGenericTypeDefinition();
        for (var i = descriptors.Count - 1; i >= 0; i--)
            if (descriptors[i].ServiceType == definition) return Construct(Closed(descriptors[i].ImplementationType!, type.GenericTypeArguments));
        return null;
    }

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The runtime interprets; arrays of every type can be made.")]
    private Array All(Type type)
    {
        var services = new List<object>();
        foreach (var descriptor in descriptors)
            if (descriptor.ServiceType == type) services.Add(Make(descriptor));
        var array = Array.CreateInstance(type, services.Count);
        for (var i = 0; i < services.Count; i++) array.SetValue(services[i], i);
        return array;
    }

    private object Make(ServiceDescriptor descriptor)
    {
        if (made.TryGetValue(descriptor, out var before)) return before!;
        var service = descriptor.ImplementationInstance ?? descriptor.ImplementationFactory?.Invoke(this) ?? Construct(descriptor.ImplementationType!);
        made[descriptor] = service;
        return service;
    }

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The runtime interprets; generic types of classes can be made.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "Services of every type are made of classes, whose constructors are kept with the service.")]
    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private static Type Closed([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type definition, Type[] arguments) => definition.MakeGenericType(arguments);

    // By the constructor with the most parameters: all that the host's services ask for is there.
    private object Construct([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
    {
        var constructors = type.GetConstructors();
        var widest = constructors[0];
        var parameters = widest.GetParameters();
        for (var i = 1; i < constructors.Length; i++)
        {
            if (constructors[i].GetParameters() is not { } others || others.Length <= parameters.Length) continue;
            (widest, parameters) = (constructors[i], others);
        }
        var given = new object?[parameters.Length];
        for (var i = 0; i < given.Length; i++) given[i] = GetService(parameters[i].ParameterType) ?? throw new InvalidOperationException($"{type} wants {parameters[i].ParameterType}, which is not registered.");
        return widest.Invoke(given);
    }

    // Components have constructors without parameters.
    private sealed class Components : IComponentActivator
    {
        public IComponent CreateInstance([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type componentType) => (IComponent)Activator.CreateInstance(componentType)!;
    }
}
