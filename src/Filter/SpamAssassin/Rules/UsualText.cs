namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// What most texts of a view have. To look for it rules nothing out, so what else a pattern needs is looked for instead. Only speed depends
/// on it.
/// </summary>
internal static class UsualText
{
    /// <summary>Of a link; one text after another.</summary>
    internal const string Link = "http://www. https://www.";

    /// <summary>Of a text part with its markup.</summary>
    internal const string Markup = """<html><head><style></style></head><body style="font-family:Arial;font-size:14px;color:#333333"><div><table width="100%"><tr><td><p><span><a href="https://www.</a><br><img src="https://www.""";

    private const string Relay = "[ ip=192.0.2.1 rdns=mail.example.com helo=mail.example.com by=mx.example.net ident= envfrom= intl=0 id=4XyZ12 auth= msa=0 ]";

    private const string Received = "from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id 4XyZ12 for <user@example.net>; Mon, 01 Jan 2024 12:00:00 +0000 (UTC)";

    private const string Header = $"Return-Path: <user@example.com>\nReceived: {Received}\nReceived: {Received}\nFrom: \"Name\" <user@example.com>\nTo: user@example.net\nSubject: A word\nDate: Mon, 01 Jan 2024 12:00:00 +0000\nMessage-ID: <4XyZ12@example.com>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: ";

    /// <summary>Of the message as it came.</summary>
    internal const string Whole = Header + Markup;

    /// <summary>Of a field as rules name it, <c>ALL</c> and the pseudo fields among them; empty where nothing is in nearly all.</summary>
    internal static string OfField(string field) => field switch
    {
        _ when field.StartsWith("X-Spam-Relays-", StringComparison.Ordinal) => $"{Relay} {Relay}",
        _ when field.StartsWith("ALL", StringComparison.Ordinal) => Header,
        "Received" => Received,
        "Date" => "Mon, 01 Jan 2024 12:00:00 +0000",
        _ => "",
    };
}
