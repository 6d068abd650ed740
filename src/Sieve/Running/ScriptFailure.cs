namespace Sternpost.Sieve.Running;

/// <summary>A script that cannot go on: the message is kept (RFC 5228 §2.10.6).</summary>
internal sealed class ScriptFailure(int line, string text) : Exception(text)
{
    internal int Line => line;
}
