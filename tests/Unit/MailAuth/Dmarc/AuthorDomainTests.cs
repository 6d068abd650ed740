using System.Text;
using CsCheck;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.Unit.MailAuth.Dmarc;

public sealed class AuthorDomainTests
{
    [Theory]
    [InlineData("From: a@bank.example")]
    [InlineData("From: <a@bank.example>")]
    [InlineData("From: Name <a@BANK.example.>")]
    [InlineData("From: \"x@evil.example\" <a@bank.example>")]
    [InlineData("From: x@evil.example <a@bank.example>")]
    [InlineData("From: =?utf-8?q?x=40evil.example?= <a@bank.example>")]
    [InlineData("From: a@bank.example (x@evil.example)")]
    [InlineData("From: (x@evil.example (nested)) a@bank.example")]
    [InlineData("From: \"a b\"@bank.example")]
    [InlineData("From: \"a@evil.example\"@bank.example")]
    [InlineData("From: <@relay.example,@other.example:a@bank.example>")]
    [InlineData("From: a @ bank . example")]
    [InlineData("From: a@bank.(comment)example")]
    [InlineData("From: Name\r\n <a@bank.example>")]
    [InlineData("FROM : a@bank.example")]
    [InlineData("From: a@bank.example, b@bank.example")]
    [InlineData("From: Board: a@bank.example, b@bank.example;")]
    [InlineData("From: a@bank.example\r\nFrom: b@bank.example")]
    [InlineData("From: \"unclosed <a@bank.example>", AuthorProblem.Missing)]
    [InlineData("From: a@bank.example, x@evil.example", AuthorProblem.Several)]
    [InlineData("From: <a@bank.example> <x@evil.example>", AuthorProblem.Several)]
    [InlineData("From: a@bank.example x@evil.example", AuthorProblem.Several)]
    [InlineData("From: Group: a@bank.example;, x@evil.example", AuthorProblem.Several)]
    [InlineData("From: a@bank.example\r\nFrom: x@evil.example", AuthorProblem.Several)]
    [InlineData("From: a@bank.example\r\nfrom\t: x@evil.example", AuthorProblem.Several)]
    [InlineData("From: a@bank.example\nFrom: x@evil.example", AuthorProblem.Several)]
    [InlineData("From: Undisclosed:;", AuthorProblem.Missing)]
    [InlineData("From: <>", AuthorProblem.Missing)]
    [InlineData("From: nobody", AuthorProblem.Missing)]
    [InlineData("Sender: a@bank.example", AuthorProblem.Missing)]
    [InlineData("From: <nobody>", AuthorProblem.Malformed)]
    [InlineData("From: a@[192.0.2.1]", AuthorProblem.Malformed)]
    [InlineData("From: a@bank..example", AuthorProblem.Malformed)]
    [InlineData("From: a@bank.example\0.evil.example", AuthorProblem.Malformed)]
    [InlineData("From: a@bank.example, b@", AuthorProblem.Malformed)]
    public void TheAuthorIsWhomAReaderWouldSee(string header, AuthorProblem problem = AuthorProblem.None)
    {
        Assert.Equal(problem, Find(Encoding.Latin1.GetBytes(header + "\r\n\r\nbody"), out var domain));
        Assert.Equal(problem == AuthorProblem.None ? "bank.example" : null, domain);
    }

    [Fact]
    public void InternationalDomainsBecomeALabels()
    {
        Assert.Equal(AuthorProblem.None, Find(Encoding.UTF8.GetBytes("From: <почта@Пример.рф>\r\n\r\n"), out var domain));
        Assert.Equal("xn--e1afmkfd.xn--p1ai", domain);
    }

    [Fact]
    public void NothingInAFromFieldThrowsOrHidesTheOnlyCleanAddress()
    {
        var part = Gen.OneOf("<", ">", "\"", "(", ")", "@", ",", ";", ":", "\\", " ", "\r\n ", "a", "example.org", "=?utf-8?q?", "?=", "\0", "\xff", ".");
        part.Array[0, 25].Sample(parts => Find(Encoding.Latin1.GetBytes("From: " + string.Concat(parts) + "\r\n\r\n"), out _), iter: 5000);
        Gen.Byte.Array[0, 300].Sample(octets => Find([.. "From:"u8, .. octets], out _), iter: 3000);
        part.Array[0, 12].Sample(parts =>
        {
            var problem = Find(Encoding.Latin1.GetBytes("From: " + string.Concat(parts) + "\r\nFrom: <x@clean.example>\r\n\r\n"), out var domain);
            Assert.True(problem != AuthorProblem.None || domain == "clean.example" || parts.Contains("\r\n "));
        }, iter: 3000);
    }

    private static AuthorProblem Find(byte[] message, out string? domain)
    {
        var problem = AuthorDomain.Find(RawHeader.Parse(message), out var name);
        domain = name?.Ascii;
        return problem;
    }
}
