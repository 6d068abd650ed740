using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices.JavaScript;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.Web.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.JSInterop;

namespace Sternpost.Webmail.Browser;

/// <summary>
/// Draws the components into the page and brings them the browser's events. WebAssemblyHostBuilder would do it too, but what comes with it, services by
/// reflection, configuration, logging and events told as JSON, took a third of the time that the program needs to begin, and none of it is used here.
/// </summary>
internal sealed partial class PageRenderer : WebRenderer
{
    // WebRendererId.WebAssembly of the script that applies what is drawn (blazor.webassembly.js).
    private const int Id = 2;

    // Between the parts that an event is told in.
    private const char Separator = '\u001f';

    private readonly Queue<Action> waiting = [];
    private bool isRunning;

    private PageRenderer()
        : base(new Services(), NullLoggerFactory.Instance, JsonSerializerOptions.Default, new JSComponentInterop(new JSComponentConfigurationStore()))
    {
    }

    public override Dispatcher Dispatcher { get; } = new SingleThread();

    /// <summary>Shows a component in place of what is in an element. The script's start asks for the exports named here, though they are never called.</summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, "Microsoft.AspNetCore.Components.WebAssembly.Services.DefaultWebAssemblyJSRuntime", "Microsoft.AspNetCore.Components.WebAssembly")]
    public static Task ShowAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TComponent>(string selector)
        where TComponent : IComponent
    {
        var renderer = new PageRenderer();
        Attach(Id, renderer.Hear);
        return renderer.RenderRootComponentAsync(renderer.AddRootComponent(typeof(TComponent), selector));
    }

    protected override int GetWebRendererId() => Id;

    protected override void AttachRootComponentToBrowser(int componentId, string domElementSelector) => AttachRootComponent(domElementSelector, componentId, Id);

    // The script reads what was drawn at once, and calls nothing here while it does, so that nothing of it is moved.
    protected override unsafe Task UpdateDisplayAsync(in RenderBatch renderBatch)
    {
        var batch = renderBatch;
        RenderBatch(Id, (nint)Unsafe.AsPointer(ref batch));
        return Task.CompletedTask;
    }

    protected override void HandleException(Exception exception) => Failed(exception.ToString());

    // What comes while something is drawn or done, as the loss of the focus by drawing, has its turn after it.
    protected override void ProcessPendingRender()
    {
        if (isRunning) base.ProcessPendingRender();
        else Run(DrawPending);
    }

    private void DrawPending() => base.ProcessPendingRender();

    private void Run(Action work)
    {
        if (isRunning)
        {
            waiting.Enqueue(work);
            return;
        }
        isRunning = true;
        try
        {
            work();
            while (waiting.TryDequeue(out var next)) next();
        }
        finally
        {
            isRunning = false;
        }
    }

    private void Hear(double handler, string name, string told) => Run(() => _ = DispatchAsync((ulong)handler, name, told.Split(Separator)));

    private async Task DispatchAsync(ulong handler, string name, string[] told)
    {
        var field = told[0].Length == 0 ? null : new EventFieldInfo { ComponentId = int.Parse(told[0], CultureInfo.InvariantCulture), FieldValue = Value(told[1], told[2]) ?? "" };
        EventArgs args = name switch
        {
            "change" or "input" => new ChangeEventArgs { Value = Value(told[3], told[4]) },
            "keydown" => new KeyboardEventArgs { Type = name, Key = told[3], Code = told[4], CtrlKey = told[5].Contains('c', StringComparison.Ordinal), ShiftKey = told[5].Contains('s', StringComparison.Ordinal), AltKey = told[5].Contains('a', StringComparison.Ordinal), MetaKey = told[5].Contains('m', StringComparison.Ordinal) },
            "blur" or "focus" or "focusin" or "focusout" => new FocusEventArgs { Type = name },
            "click" or "mousedown" => new MouseEventArgs { Type = name },
            _ => EventArgs.Empty,
        };
        try
        {
            await DispatchEventAsync(handler, field, args);
        }
        catch (ArgumentException)
        {
            // Of what has just been drawn away.
        }
    }

    private static object? Value(string kind, string text) => kind switch { "b" => text == "true", "s" => text, _ => null };

    [JSImport("attach", "app")] private static partial void Attach(int renderer, [JSMarshalAs<JSType.Function<JSType.Number, JSType.String, JSType.String>>] Action<double, string, string> hear);

    [JSImport("failed", "app")] private static partial void Failed(string trouble);

    [JSImport("Blazor._internal.renderBatch", "blazor-internal")] private static partial void RenderBatch(int renderer, nint batch);

    [JSImport("Blazor._internal.attachRootComponentToElement", "blazor-internal")] private static partial void AttachRootComponent(string selector, int component, int renderer);

    // Components here ask for no services; the renderer asks for those that scripts are called by, and for lists of what there is none of.
    private sealed class Services : IServiceProvider, IJSRuntime
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IJSRuntime) ? this : serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(IEnumerable<>) ? Array.CreateInstance(serviceType.GenericTypeArguments[0], 0) : null;

        // The one call there is says that the renderer is there; Attach has its place.
        public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] TValue>(string identifier, object?[]? args) => default;

        public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => default;
    }

    private sealed class SingleThread : Dispatcher
    {
        public override bool CheckAccess() => true;

        public override Task InvokeAsync(Action workItem)
        {
            workItem();
            return Task.CompletedTask;
        }

        public override Task InvokeAsync(Func<Task> workItem) => workItem();

        public override Task<TResult> InvokeAsync<TResult>(Func<TResult> workItem) => Task.FromResult(workItem());

        public override Task<TResult> InvokeAsync<TResult>(Func<Task<TResult>> workItem) => workItem();
    }
}
