using System.Globalization;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Settings;

/// <summary>The answer while one is away (RFC 8621 §8), while it is edited. Days are the user's own; the last is answered to its end.</summary>
public sealed class VacationForm
{
    public bool IsOn { get; set; }

    public DateTime? From { get; set; }

    public DateTime? To { get; set; }

    public string Subject { get; set; } = "";

    public string Text { get; set; } = "";

    public async Task LoadAsync(JmapConnection connection)
    {
        var json = (await connection.CallAsync("VacationResponse/get", [])).Items("list").FirstOrDefault();
        if (json.ValueKind != System.Text.Json.JsonValueKind.Object) return;
        (IsOn, Subject, Text) = (json.Flag("isEnabled"), json.Text("subject") ?? "", json.Text("textBody") ?? "");
        From = json.Time("fromDate") is var from && from != default ? Times.Local(from).Date : null;
        To = json.Time("toDate") is var to && to != default ? Times.Local(to.AddSeconds(-1)).Date : null;
    }

    public Task SaveAsync(JmapConnection connection) => connection.SetAsync("VacationResponse/set", new JsonObject
    {
        ["update"] = new JsonObject
        {
            ["singleton"] = new JsonObject
            {
                ["isEnabled"] = IsOn,
                ["fromDate"] = Utc(From),
                ["toDate"] = Utc(To?.AddDays(1)),
                ["subject"] = Subject.Length > 0 ? Subject : null,
                ["textBody"] = Text.Length > 0 ? Text : null,
            },
        },
    });

    private static string? Utc(DateTime? day) => day is { } date ? (date - Times.Zone(new DateTimeOffset(date, TimeSpan.Zero))).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : null;
}
