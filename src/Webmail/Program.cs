using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Pages;
using Sternpost.Webmail.Start;

var loading = Bridge.LoadAsync();
var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.ConfigureContainer(new StartServices());
builder.RootComponents.Add<App>("#app");
await loading;
await builder.Build().RunAsync();
