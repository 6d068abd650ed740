using System.Text;

namespace Sternpost.Unit.MailAuth.Peers;

/// <summary>Messages with everything that canonicalization stumbles over: the same ones at each run.</summary>
internal static class GeneratedMessages
{
    private static readonly string[] Words = ["alpha", "beta", "the quick  brown", "fox\t", "x", "réponse", "слово", "1234567890", "--", ".", "..", "From ", "=20"];

    public static IEnumerable<byte[]> Make(int count)
    {
        for (var i = 0; i < count; i++) yield return Make(new Random(4711 + i), i);
    }

    private static byte[] Make(Random random, int number)
    {
        var message = new StringBuilder();
        for (var hop = random.Next(3); hop > 0; hop--) message.Append($"Received: from a{hop}.example ([192.0.2.{hop}])\r\n\tby b.example with ESMTP id {random.Next():x};\r\n\tThu, 1 Jan 2026 00:00:0{hop} +0000\r\n");
        message.Append(random.Next(4) switch
        {
            0 => "From: a@example.com\r\n",
            1 => "FROM: \"A, B\" <a@example.com>\r\n",
            2 => "From: Frédéric\r\n <a@example.com>\r\n",
            _ => "from:  a@example.com \r\n",
        });
        message.Append("To: ");
        for (var i = random.Next(1, number % 10 == 0 ? 120 : 4); i >= 0; i--) message.Append($"Recipient Number {i} <r{i}@example.net>{(i > 0 ? ",\r\n   " : "\r\n")}");
        if (random.Next(6) > 0) message.Append("Subject: ").Append(Text(random, random.Next(1, 12)).Trim()).Append("\r\n");
        if (random.Next(5) == 0) message.Append("Subject: folded\r\n \t over\r\n  three lines\r\n");
        message.Append($"Message-ID:<{number}.{random.Next():x}@example.com>\r\n");
        message.Append("Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n");
        for (var i = random.Next(3); i > 0; i--) message.Append($"Comments: comment {i}\r\n");
        if (random.Next(3) == 0) message.Append("MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\n");
        if (random.Next(4) == 0) message.Append("List-Id: A list <l.example.com>\r\n");
        message.Append("\r\n");
        Body(message, random, number % 8);
        return Encoding.UTF8.GetBytes(message.ToString());
    }

    private static void Body(StringBuilder message, Random random, int kind)
    {
        // No body at all, nothing but empty lines, one long line, no line end at the end, and ordinary ones.
        if (kind == 0) return;
        if (kind == 1) message.Append("\r\n\r\n\r\n");
        else if (kind == 2) message.Append(new string('x', 990)).Append("\r\n");
        else
        {
            for (var line = random.Next(1, 40); line > 0; line--) message.Append(Text(random, random.Next(0, 12))).Append("\r\n");
            if (kind == 3) message.Append("without an end");
            if (kind == 4) message.Append(" \r\n\t\r\n\r\n");
        }
    }

    private static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));
}
