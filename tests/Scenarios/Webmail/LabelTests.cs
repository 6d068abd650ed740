using MailKit;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Labels in a real browser: put on and taken off by key and by button, made and changed in the settings, and the same to an IMAP program.</summary>
public sealed class LabelTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";
    private const string Bob = "bob@demo.test";

    [Fact]
    public async Task One_that_is_heard_of_before_its_making_is_answered_is_there_once()
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        var (subject, name) = ("Invoice " + tag, "Early " + tag);
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter(subject, Bob));
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        // The push comes another way; what it makes the page ask is answered before the making is.
        await page.AddInitScriptAsync("""
            const real = window.fetch;
            let heard, isMade = false;
            const hearing = new Promise(done => { heard = done; });
            window.fetch = async (url, init) => {
              const body = typeof init?.body === 'string' ? init.body : '', response = await real(url, init);
              if (body.includes('Label/set')) { isMade = true; await hearing; await new Promise(done => setTimeout(done, 200)); window.wasHeld = true; }
              else if (isMade && body.includes('Label/get')) heard();
              return response;
            };
            """);
        await window.SignInAsync(Bob);
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await window.Row(subject).Locator("input[type=checkbox]").CheckAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(page.Locator("#find-label")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(name);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(window.Row(subject).Locator(".label")).ToHaveTextAsync(name);
        await Expect(page.Locator("#folders").GetByText(name)).ToHaveCountAsync(1);
        Assert.True(await page.EvaluateAsync<bool>("() => window.wasHeld"));
        window.CheckCalm();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_label_is_made_by_key_seen_over_imap_found_and_taken_off(bool isPhone, bool isDark)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        var (subject, other, name) = ("Invoice " + tag, "Order " + tag, "Größe " + tag);
        foreach (var each in new[] { subject, other }) await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter(each, Bob));
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync(Bob);
        foreach (var each in new[] { subject, other }) await window.Row(each).Locator("input[type=checkbox]").CheckAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(page.Locator("#find-label")).ToBeFocusedAsync();
        await window.CheckAccessibilityAsync("labels to choose");
        await ShootAsync(page, $"label-sheet-{(isPhone ? "phone-dark" : "desk")}");
        await page.Keyboard.TypeAsync(name);
        await Expect(page.Locator("#new-label")).ToContainTextAsync(name);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(window.Row(subject).Locator(".label")).ToHaveTextAsync(name);
        await Expect(window.Row(other).Locator(".label")).ToHaveTextAsync(name);
        await Expect(page.Locator(".notice")).ToContainTextAsync("2 conversations labelled " + name);
        await window.CheckAccessibilityAsync("labelled rows");
        await ShootAsync(page, $"label-rows-{(isPhone ? "phone-dark" : "desk")}");
        Assert.Equal(2, await TaggedAsync($"gr_e_{tag}"));

        // By search, quoted, since the name has a space in it.
        await page.FillAsync("#search", $"label:\"{name}\" order");
        await Expect(page.Locator(".row:not(.is-waiting)")).ToHaveCountAsync(1);
        await Expect(window.Row(other)).ToBeVisibleAsync();
        await page.FillAsync("#search", "label:nobody-knows-it");
        await Expect(page.GetByText("Nothing found")).ToBeVisibleAsync();

        // The label is a place of its own, from which goes what loses it.
        if (isPhone) await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await page.Locator("#folders-labels a", new() { HasText = name }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".row:not(.is-waiting)")).ToHaveCountAsync(2);
        await Expect(page.Locator(".bar-title").First).ToContainTextAsync(name);
        await window.CheckAccessibilityAsync("a label's list");
        await window.OpenRowAsync(other);
        await Expect(page.Locator(".reading-labels")).ToContainTextAsync(name);
        await window.CheckAccessibilityAsync("a labelled conversation");
        await ShootAsync(page, $"label-reading-{(isPhone ? "phone-dark" : "desk")}");
        await window.Button("Take off " + name).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync(name + " taken off");
        await Expect(page.Locator(".row:not(.is-waiting)")).ToHaveCountAsync(1);
        await window.Button("Undo").ClickAsync();
        await Expect(page.Locator(".row:not(.is-waiting)")).ToHaveCountAsync(2);
        window.CheckCalm();
    }

    [Fact]
    public async Task What_a_mail_program_tags_is_labelled_in_its_colour_and_loses_it_there_as_well()
    {
        var subject = "Tagged " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, Alice, Letter(subject, Alice));
        await using var window = await browser.OpenAsync();
        await window.SignInAsync(Alice);
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        using var imap = await Mailbox.OpenAsync(browser.Server, Alice);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        var uids = await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains(subject));
        await imap.Inbox.StoreAsync(uids, new StoreFlagsRequest(StoreAction.Add, MessageFlags.None, ["$label1", "$Label4", "urlaub"]));
        // Pushed to the open page.
        await Expect(window.Row(subject).Locator(".label")).ToHaveTextAsync(["Important", "To do"]);
        await Expect(window.Row(subject).Locator(".hue-red")).ToHaveTextAsync("Important");
        await Expect(window.Row(subject).Locator(".hue-blue")).ToHaveTextAsync("To do");

        await window.OpenRowAsync(subject);
        await window.Page.Keyboard.PressAsync("l");
        await window.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Important" }).UncheckAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Apply" }).ClickAsync();
        await Expect(window.Row(subject).Locator(".label")).ToHaveTextAsync(["To do"]);
        await Wait.UntilAsync(async () => !(await imap.Inbox.FetchAsync(uids, MessageSummaryItems.Flags))[0].Keywords.Contains("$label1"));

        // A tag that only the other program knew gets a name and a colour.
        await window.Page.GotoAsync(browser.Web + "/settings/labels");
        await window.Page.FillAsync("#new-name", "Holidays");
        await window.Page.SelectOptionAsync("#new-color", "teal");
        await window.Page.Locator("summary").ClickAsync();
        await window.Page.FillAsync("#new-keyword", "urlaub");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Make the label" }).ClickAsync();
        await Expect(window.Page.Locator(".notice")).ToContainTextAsync("The label Holidays is made");
        await window.Page.GotoAsync(browser.Web + "/mail/inbox");
        await Expect(window.Row(subject).Locator(".hue-teal")).ToHaveTextAsync("Holidays");
        window.CheckCalm();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Labels_are_made_renamed_recoloured_and_deleted_in_the_settings(bool isPhone, bool isDark)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        var subject = "Plan " + tag;
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter(subject, Bob));
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync(Bob);
        await page.GotoAsync(browser.Web + "/settings/labels");
        await page.FillAsync("#new-name", "Travel " + tag);
        await page.SelectOptionAsync("#new-color", "yellow");
        await page.Keyboard.PressAsync("Tab");
        await page.FocusAsync("#new-name");
        await page.Keyboard.PressAsync("Enter");
        var form = page.Locator("#labels form", new() { Has = page.Locator($"text=travel_{tag}") });
        await Expect(form.Locator(".hue-yellow")).ToHaveTextAsync("Travel " + tag);
        await window.CheckAccessibilityAsync("labels in the settings");
        await ShootAsync(page, $"labels-settings-{(isPhone ? "phone-dark" : "desk")}");

        // The same name twice is refused in words.
        await page.FillAsync("#new-name", "travel " + tag);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("already");

        await page.GotoAsync(browser.Web + "/mail/inbox");
        await window.Row(subject).Locator("input[type=checkbox]").CheckAsync();
        await page.Keyboard.PressAsync("l");
        await page.Keyboard.TypeAsync("travel " + tag);
        await page.Keyboard.PressAsync("Enter");
        await Expect(window.Row(subject).Locator(".hue-yellow")).ToBeVisibleAsync();

        await page.GotoAsync(browser.Web + "/settings/labels");
        await form.Locator("input").FillAsync("Journeys " + tag);
        await form.Locator("select").SelectOptionAsync("purple");
        await form.Locator("input").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Saved");
        await page.GotoAsync(browser.Web + "/mail/inbox");
        await Expect(window.Row(subject).Locator(".hue-purple")).ToHaveTextAsync("Journeys " + tag);

        await page.GotoAsync(browser.Web + "/settings/labels");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete: Journeys " + tag }).PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToContainTextAsync("the messages stay");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(form).ToHaveCountAsync(0);
        await page.GotoAsync(browser.Web + "/mail/inbox");
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await Expect(window.Row(subject).Locator(".label")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    // How many in the inbox have the keyword.
    private async Task<int> TaggedAsync(string keyword)
    {
        using var imap = await Mailbox.OpenAsync(browser.Server, Bob);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        return (await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.HasKeyword(keyword))).Count;
    }

    private static string Letter(string subject, string to) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Sam <sam@later.example>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@later.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThe words of it.\r\n";

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
