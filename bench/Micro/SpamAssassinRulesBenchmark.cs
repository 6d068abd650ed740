using System.Text;
using BenchmarkDotNet.Attributes;
using Sternpost.Filter.SpamAssassin;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Micro;

/// <summary>All rules of Debian's spamassassin package on a letter of 4 KB, and what loading them takes. Needs the package's files.</summary>
[MemoryDiagnoser]
public class SpamAssassinRulesBenchmark
{
    private static readonly string[] Folders = ["/usr/share/spamassassin", "/etc/spamassassin"];

    private readonly byte[] letter = Encoding.ASCII.GetBytes(
        "Return-Path: <carol@outside.example>\nReceived: from mail.outside.example (mail.outside.example [192.0.2.7]) by mx.here.example (Postfix) with ESMTPS id 4XyZ12; Mon, 4 May 2026 12:00:00 +0000\n"
        + "From: Carol <carol@outside.example>\nTo: alice@here.example\nSubject: The minutes of Tuesday\nDate: Mon, 04 May 2026 12:00:00 +0000\nMessage-ID: <1@outside.example>\n"
        + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        + string.Concat(Enumerable.Range(1, 36).Select(i => $"Point {i}: we talked about the garden, the fence and the bill of last month, and\ndecided nothing. See https://example.org/minutes/{i} for more.\n\n")));

    private RuleSet rules = null!;

    [GlobalSetup]
    public void Setup()
    {
        rules = RuleSet.Load(Folders);
        for (var i = 0; i < 200; i++) RuleRunner.Run(rules, letter);
    }

    [Benchmark]
    public int Letter() => RuleRunner.Run(rules, letter).Hit.Count;

    [Benchmark]
    public int Load() => RuleSet.Load(Folders).Count;
}
