namespace Sternpost.Messages.Text;

/// <summary>What may stand between the parts of a structured header field and means nothing: CFWS (RFC 5322 §3.2.2).</summary>
public static class CommentsAndSpace
{
    private const int MaxNesting = 20;

    /// <summary>
    /// Moves <paramref name="text"/> behind white space, folds and comments, where there are any. False where a comment does not end or is nested
    /// deeper than 20 times; then <paramref name="text"/> is not to be read on.
    /// </summary>
    public static bool TrySkip(ref ReadOnlySpan<byte> text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'(':
                    if (++depth > MaxNesting) return false;
                    break;
                case (byte)')' when depth > 0:
                    depth--;
                    break;
                case (byte)'\\' when depth > 0:
                    i++;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                default:
                    if (depth > 0) break;
                    text = text[i..];
                    return true;
            }
        }
        text = [];
        return depth == 0;
    }
}
