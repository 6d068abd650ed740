using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Components.Web.Internal;
using Microsoft.JSInterop;
using Sternpost.Webmail.Browser;

namespace Sternpost.Webmail.Start;

/// <summary>
/// Blazor's way to the browser, which makes the first call of all shorter: the renderer tells the page how to reach it by a number, a reference and two empty
/// tables, and having these four serialised takes the runtime a thousand methods. Whatever looks otherwise than expected goes Blazor's own way.
/// </summary>
/// <param name="runtime">Blazor's own.</param>
internal sealed class StartRuntime(IJSRuntime runtime) : IJSRuntime
{
    private const string Attach = "Blazor._internal.attachWebRendererInterop";

    public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] TValue>(string identifier, object?[]? args) => InvokeAsync<TValue>(identifier, CancellationToken.None, args);

    public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] TValue>(string identifier, CancellationToken cancellationToken, object?[]? args)
    {
        if (identifier != Attach || runtime is not IInternalWebJSInProcessRuntime inProcess || args is not [int renderer, { } methods, ICollection { Count: 0 }, ICollection { Count: 0 }] || Track(methods) is not { } reference)
            return runtime.InvokeAsync<TValue>(identifier, cancellationToken, args);
        inProcess.InvokeJS(Attach, string.Create(CultureInfo.InvariantCulture, $$"""[{{renderer}},{"__dotNetObject":{{reference}}},{},{}]"""), JSCallResultType.JSVoidResult, 0);
        // By which a test notices a Blazor that does it otherwise.
        Bridge.Mark("attached");
        return default;
    }

    // The number by which the page calls the object; what serialising a reference does beside writing it. Null where this Blazor does it otherwise.
    [DynamicDependency("TrackObjectReference`1", typeof(JSRuntime))]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The runtime interprets; generic methods of classes can be made.")]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The methods of the object are kept by Blazor, which makes the same call.")]
    private long? Track(object reference)
    {
        var type = reference.GetType();
        if (!type.IsConstructedGenericType || type.GetGenericTypeDefinition() != typeof(DotNetObjectReference<>)) return null;
        var track = typeof(JSRuntime).GetMethod("TrackObjectReference", BindingFlags.Instance | BindingFlags.NonPublic);
        return track is { IsGenericMethodDefinition: true } ? track.MakeGenericMethod(type.GenericTypeArguments).Invoke(runtime, [reference]) as long? : null;
    }
}
