namespace Sternpost.Wire;

/// <summary>
/// Watches octets that are not read line by line for a carriage return or line feed that stands alone (RFC 5321 §2.3.8).
/// Chunks may be cut anywhere; call <see cref="End"/> after the last.
/// </summary>
public struct LineEndings
{
    private bool _afterReturn;

    /// <summary>True once a carriage return or line feed stood alone.</summary>
    public bool HasBare { get; private set; }

    /// <summary>Takes the next octets.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty || HasBare) return;
        if (_afterReturn && octets[0] != '\n')
        {
            HasBare = true;
            return;
        }
        var at = _afterReturn ? 1 : 0;
        _afterReturn = false;
        while (octets[at..].IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var found)
        {
            at += found;
            if (octets[at] == '\n')
            {
                HasBare = true;
                return;
            }
            if (at + 1 == octets.Length)
            {
                _afterReturn = true;
                return;
            }
            if (octets[at + 1] != '\n')
            {
                HasBare = true;
                return;
            }
            at += 2;
        }
    }

    /// <summary>Nothing follows: a carriage return at the very end stands alone too.</summary>
    public void End() => HasBare |= _afterReturn;
}
