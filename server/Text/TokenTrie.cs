namespace AttentionServer.Text;

/// <summary>All tokens by their UTF-16 units, one node per prefix.</summary>
internal sealed class TokenTrie
{
    public const int Root = 0;

    private readonly Dictionary<(int Node, char Unit), int> children = [];
    private readonly List<int> tokens = [-1];

    public TokenTrie(IEnumerable<KeyValuePair<string, int>> entries)
    {
        foreach (var (token, id) in entries)
        {
            var node = Root;
            foreach (var unit in token)
            {
                if (!children.TryGetValue((node, unit), out var child))
                {
                    child = tokens.Count;
                    children.Add((node, unit), child);
                    tokens.Add(-1);
                }
                node = child;
            }
            if (node != Root) tokens[node] = id;
        }
    }

    /// <summary>Goes one unit further; false when no token continues so.</summary>
    public bool TryStep(ref int node, char unit) => children.TryGetValue((node, unit), out node);

    /// <summary>The id of the token that ends at a node; -1 for none.</summary>
    public int TokenAt(int node) => tokens[node];
}
