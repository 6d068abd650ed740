using Sternpost.Imap.Responses;

namespace Sternpost.Imap.Search;

/// <summary>A message in a thread, or with no number a parent nobody has (RFC 5256 §4).</summary>
internal sealed class ThreadNode(long number)
{
    private const int Deepest = 1000;

    /// <summary>Sequence number or uid; 0 for a message that is only referred to.</summary>
    internal long Number { get; } = number;

    internal bool IsDummy => Number == 0;

    internal ThreadNode? Parent { get; private set; }

    internal List<ThreadNode> Children { get; } = [];

    /// <summary>The date it sorts by.</summary>
    internal DateTime Date { get; set; }

    /// <summary>Its base subject, and whether its subject showed it to be a reply.</summary>
    internal (string Base, bool IsReply) Subject { get; set; }

    /// <summary>Moves this node below <paramref name="parent"/>, or with null to the top.</summary>
    internal void MoveTo(ThreadNode? parent)
    {
        Parent?.Children.Remove(this);
        Parent = parent;
        parent?.Children.Add(this);
    }

    /// <summary>
    /// True where <paramref name="other"/> is this node or above it: to put it below would close a circle. Also true below
    /// <see cref="Deepest"/> ancestors, so that a chain made to be long stays cheap.
    /// </summary>
    internal bool IsBelowOrSame(ThreadNode other)
    {
        var depth = 0;
        for (var node = this; node is not null; node = node.Parent)
        {
            if (node == other || ++depth > Deepest) return true;
        }
        return false;
    }

    /// <summary>thread-list = "(" (thread-members / thread-nested) ")" (RFC 5256 §5). Chains of any length are written without recursion.</summary>
    internal static void Write(ResponseWriter writer, ThreadNode root)
    {
        // What is still to write: a node, or null for a closing parenthesis. A node opens one where it begins a thread or a branch.
        var left = new Stack<(ThreadNode? Node, bool Opens)>();
        left.Push((null, false));
        left.Push((root, true));
        var space = false;
        while (left.TryPop(out var next))
        {
            if (next.Node is not { } node)
            {
                writer.Char(')');
                space = false;
                continue;
            }
            if (next.Opens)
            {
                writer.Char('(');
                space = false;
            }
            if (!node.IsDummy)
            {
                if (space) writer.Char(' ');
                writer.Number(node.Number);
                space = true;
            }
            if (node.Children.Count == 1)
            {
                left.Push((node.Children[0], false));
                continue;
            }
            if (node.Children.Count > 1 && space) writer.Char(' ');
            for (var i = node.Children.Count - 1; i >= 0; i--)
            {
                left.Push((null, false));
                left.Push((node.Children[i], true));
            }
        }
    }
}
