using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using Microsoft.Extensions.Logging;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Pages;

var loading = Bridge.LoadAsync();
var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.RootComponents.Add<App>("#app");
await loading;
await builder.Build().RunAsync();
