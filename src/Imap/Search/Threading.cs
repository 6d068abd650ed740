namespace Sternpost.Imap.Search;

/// <summary>What threading needs of one message.</summary>
/// <param name="Number">Sequence number or uid, as it will be answered.</param>
/// <param name="Sent">The sent date (RFC 5256 §2.2).</param>
/// <param name="Subject">Base subject, and whether it is a reply or a forward.</param>
/// <param name="Id">Its Message-ID, or null.</param>
/// <param name="References">The ids it refers to, oldest first.</param>
internal sealed record ThreadMessage(long Number, DateTime Sent, (string Base, bool IsReply) Subject, string? Id, IReadOnlyList<string> References);

/// <summary>The two threading algorithms of RFC 5256 §4. Both answer the roots in the order threads are written.</summary>
internal static class Threading
{
    /// <summary>ORDEREDSUBJECT: one thread for each base subject, the first message at its top, the others below it side by side.</summary>
    internal static List<ThreadNode> OrderedSubject(IReadOnlyList<ThreadMessage> messages)
    {
        var roots = new List<ThreadNode>();
        foreach (var subject in messages.GroupBy(message => message.Subject.Base))
        {
            ThreadNode? root = null;
            foreach (var message in subject.OrderBy(message => message.Sent).ThenBy(message => message.Number))
            {
                var node = Node(message);
                if (root is null) roots.Add(root = node);
                else node.MoveTo(root);
            }
        }
        Sort(roots);
        return roots;
    }

    /// <summary>REFERENCES: parents by Message-ID and References, then threads of one subject gathered.</summary>
    internal static List<ThreadNode> References(IReadOnlyList<ThreadMessage> messages)
    {
        var roots = new List<ThreadNode>();
        // Steps 1 and 2: the roots are what has no parent.
        foreach (var node in Link(messages).Where(node => node.Parent is null)) Prune(node, roots);
        // Step 4.
        foreach (var root in roots) SortBelow(root);
        Sort(roots);
        // Step 5.
        roots = GatherSubjects(roots);
        // Step 6.
        foreach (var root in roots) SortBelow(root);
        Sort(roots);
        return roots;
    }

    // Step 1. Answers every node once, messages and those only referred to.
    private static List<ThreadNode> Link(IReadOnlyList<ThreadMessage> messages)
    {
        var all = new List<ThreadNode>();
        var byId = new Dictionary<string, ThreadNode>(StringComparer.Ordinal);
        var nodes = new ThreadNode[messages.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            all.Add(nodes[i] = Node(messages[i]));
            // A second message with the same id is a message without one.
            if (messages[i].Id is { } id) byId.TryAdd(id, nodes[i]);
        }
        for (var i = 0; i < nodes.Length; i++)
        {
            ThreadNode? parent = null;
            foreach (var id in messages[i].References)
            {
                if (!byId.TryGetValue(id, out var referred)) all.Add(byId[id] = referred = new ThreadNode(0));
                // 1 (A): an existing link stays, and none may close a circle.
                if (parent is not null && referred.Parent is null && !parent.IsBelowOrSame(referred)) referred.MoveTo(parent);
                parent = referred;
            }
            // 1 (B): what the message itself says of its parent counts more than what others said, also where it names none.
            nodes[i].MoveTo(null);
            if (parent is not null && !parent.IsBelowOrSame(nodes[i])) nodes[i].MoveTo(parent);
        }
        return all;
    }

    // Step 3: takes out messages nobody has; their children move up, but come to the top only alone. Without recursion, for
    // threads can be as deep as mailboxes are long.
    private static void Prune(ThreadNode root, List<ThreadNode> roots)
    {
        var order = new List<ThreadNode> { root };
        for (var i = 0; i < order.Count; i++) order.AddRange(order[i].Children);
        for (var i = order.Count - 1; i > 0; i--)
        {
            var node = order[i];
            if (!node.IsDummy) continue;
            foreach (var child in node.Children.ToArray()) child.MoveTo(node.Parent);
            node.MoveTo(null);
        }
        if (!root.IsDummy || root.Children.Count > 1)
        {
            roots.Add(root);
        }
        else if (root.Children.Count == 1)
        {
            var only = root.Children[0];
            only.MoveTo(null);
            roots.Add(only);
        }
    }

    // Step 5.
    private static List<ThreadNode> GatherSubjects(List<ThreadNode> roots)
    {
        var table = new Dictionary<string, ThreadNode>(StringComparer.Ordinal);
        foreach (var root in roots)
        {
            var subject = SubjectOf(root);
            if (subject.Base.Length == 0) continue;
            if (!table.TryGetValue(subject.Base, out var known) || !known.IsDummy && root.IsDummy || !known.IsDummy && SubjectOf(known).IsReply && !subject.IsReply) table[subject.Base] = root;
        }
        var gathered = new List<ThreadNode>();
        var standing = new HashSet<ThreadNode>();
        foreach (var root in roots)
        {
            var subject = SubjectOf(root);
            if (subject.Base.Length == 0 || table[subject.Base] is var first && first == root)
            {
                if (standing.Add(root)) gathered.Add(root);
                continue;
            }
            first = table[subject.Base];
            if (first.IsDummy && root.IsDummy)
            {
                foreach (var child in root.Children.ToArray()) child.MoveTo(first);
            }
            else if (first.IsDummy || subject.IsReply && !SubjectOf(first).IsReply)
            {
                root.MoveTo(first);
            }
            else
            {
                var both = new ThreadNode(0) { Subject = SubjectOf(first) };
                if (standing.Remove(first)) gathered.Remove(first);
                first.MoveTo(both);
                root.MoveTo(both);
                table[subject.Base] = both;
                standing.Add(both);
                gathered.Add(both);
            }
        }
        return gathered;
    }

    // Step 5 (B i): of a dummy, the first child's; steps 4 and 6 likewise for dates.
    private static (string Base, bool IsReply) SubjectOf(ThreadNode root) => root.IsDummy && root.Children.Count > 0 ? root.Children[0].Subject : root.Subject;

    private static void SortBelow(ThreadNode root)
    {
        var order = new List<ThreadNode> { root };
        for (var i = 0; i < order.Count; i++) order.AddRange(order[i].Children);
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var node = order[i];
            Sort(node.Children);
            if (node.IsDummy && node.Children.Count > 0) node.Date = node.Children[0].Date;
        }
    }

    private static void Sort(List<ThreadNode> nodes) => nodes.Sort((left, right) =>
    {
        var order = left.Date.CompareTo(right.Date);
        return order != 0 ? order : First(left).CompareTo(First(right));
    });

    private static long First(ThreadNode node) => node.IsDummy && node.Children.Count > 0 ? node.Children[0].Number : node.Number;

    private static ThreadNode Node(ThreadMessage message) => new(message.Number) { Date = message.Sent, Subject = message.Subject };
}
