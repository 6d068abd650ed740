using System.Text;
using CsCheck;
using Sternpost.Filter;
using Sternpost.Filter.Carried;
using Sternpost.Filter.Views;

namespace Sternpost.Unit.Filter.Carried;

/// <summary>What invitations say (RFC 5545).</summary>
public sealed class CalendarTextTests
{
    [Fact]
    public void What_the_reader_of_an_invitation_sees_is_read()
    {
        var (text, links) = Read("""
            BEGIN:VCALENDAR
            BEGIN:VEVENT
            UID:not-shown@x.example
            SUMMARY;LANGUAGE=en:Payment received\, call us
            DESCRIPTION:You were charged $499.99.\nCall +1 (808) 555-01
             23 or see https://pay.elsewhere.example/o
             pen\; now
            ORGANIZER;CN="Billing: Desk";ROLE=CHAIR:mailto:x@elsewhere.example
            URL:https://elsewhere.example/meeting
            END:VEVENT
            END:VCALENDAR
            """);
        Assert.Equal("Payment received, call us\nYou were charged $499.99.\nCall +1 (808) 555-0123 or see https://pay.elsewhere.example/open; now\nBilling: Desk\nhttps://elsewhere.example/meeting\n", text);
        Assert.Equal(["https://pay.elsewhere.example/open", "https://elsewhere.example/meeting"], links.Select(link => link.Target));
    }

    [Fact]
    public void Judges_of_words_read_an_invitation()
    {
        var message = Letter.Judged("""
            From: a@elsewhere.example
            Subject: Invitation
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="q"

            --q
            Content-Type: text/plain

            You are invited.
            --q
            Content-Type: text/calendar; method=REQUEST; charset=utf-8

            BEGIN:VEVENT
            SUMMARY:Wire transfer
            END:VEVENT
            --q--
            """);
        Assert.Equal("You are invited. \nWire transfer\n", message.Words(new FilterOptions().Attachments, 100).ToString());
    }

    [Fact]
    public void Any_text_is_read_and_stays_within_bounds()
    {
        Gen.String[Gen.OneOf(Gen.Char[" \t\r\n:;\\\"=,"], Gen.Char["SUMARYDECIPTONGZLh/."]), 0, 400].Sample(text => Read(text));
        var (read, _) = Read("DESCRIPTION:" + string.Concat(Enumerable.Repeat("\r\n " + new string('x', 70), 100_000)));
        Assert.InRange(read.Length, 1, 20_000);
    }

    private static (string Text, List<Link> Links) Read(string calendar)
    {
        var text = new StringBuilder();
        var links = new List<Link>();
        CalendarText.Read(calendar.ReplaceLineEndings("\r\n"), text, links);
        return (text.ToString(), links);
    }
}
