namespace Sternpost.Sieve.Language;

/// <summary>What a token is (RFC 5228 §8.1).</summary>
internal enum TokenKind
{
    Identifier,
    Tag,
    Number,
    Text,
    Semicolon,
    Comma,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    OpenBrace,
    CloseBrace,
    /// <summary>Something that is none; its text says what is wrong.</summary>
    Garbage,
    End,
}

/// <summary>A piece of a script.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">An identifier, a tag without its colon, the content of a string, or what is wrong.</param>
/// <param name="Number">The value of a number.</param>
/// <param name="Line">Where it begins, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, ulong Number, int Line)
{
    /// <summary>Garbage that is no misshapen number, name or string: the command it stands in is broken as well.</summary>
    internal bool IsCharacters => Kind == TokenKind.Garbage && Text.EndsWith("has no place here", StringComparison.Ordinal);

    internal string Name => Kind switch
    {
        TokenKind.Identifier => $"identifier '{Text}'",
        TokenKind.Tag => $"tag ':{Text}'",
        TokenKind.Number => "a number",
        TokenKind.Text => "a string",
        TokenKind.Semicolon => "';'",
        TokenKind.Comma => "','",
        TokenKind.OpenBracket => "'['",
        TokenKind.CloseBracket => "']'",
        TokenKind.OpenParenthesis => "'('",
        TokenKind.CloseParenthesis => "')'",
        TokenKind.OpenBrace => "'{'",
        TokenKind.CloseBrace => "'}'",
        TokenKind.Garbage => "what is no Sieve",
        _ => "the end of the script",
    };
}
