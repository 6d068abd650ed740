using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Pages;

await Bridge.LoadAsync();
await PageRenderer.ShowAsync<App>("#app");
// For as long as the page is there.
await Task.Delay(Timeout.Infinite);
