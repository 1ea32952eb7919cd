namespace AttentionServer.Methods.Flow;

/// <summary>An edge of the network: from a token after a layer to one before it.</summary>
public readonly record struct FlowEdge(int Layer, int To, int From, double Capacity);

/// <summary>
/// Maximum flow from a token at the top of a network of layers to one at its bottom (Abnar and Zuidema 2020), exact in 64 bits, by
/// Dinic's algorithm (1970) on the dense layers themselves. All first paths have the same length, so the first phase finds most
/// of the flow; where it fills all that leaves the source or all that can enter the sink, it is the whole and nothing is left to search.
/// </summary>
public sealed class MaximumFlow
{
    private const double Nothing = 1e-14;

    private readonly double[] _capacity;
    private readonly double[] _left;
    private readonly int[] _distance;
    private readonly int[] _queue;
    private readonly int[] _next;
    private readonly int[] _path;
    private readonly int _tokens;
    private readonly int _layers;
    private int _source;
    private int _sink;

    /// <summary>A network of layers [L][T,T]: the capacity from a token after a layer (row) to one before it (column).</summary>
    public MaximumFlow(ContextMap capacities)
    {
        (_layers, _tokens) = (capacities.Layers, capacities.Tokens);
        _capacity = Array.ConvertAll(capacities.Scores, c => (double)c);
        _left = new double[_capacity.Length];
        var nodes = (_layers + 1) * _tokens;
        (_distance, _queue, _next, _path) = (new int[nodes], new int[nodes], new int[nodes], new int[nodes + 1]);
    }

    private MaximumFlow(MaximumFlow other)
    {
        (_layers, _tokens, _capacity) = (other._layers, other._tokens, other._capacity);
        (_left, _distance, _queue, _next, _path) = (new double[_capacity.Length], new int[other._distance.Length], new int[other._queue.Length], new int[other._next.Length], new int[other._path.Length]);
    }

    /// <summary>The same network with room of its own, for another thread.</summary>
    public MaximumFlow Copy() => new(this);

    /// <summary>The most that can flow from a token after so many layers to a token of the input.</summary>
    public double Between(int top, int source, int sink)
    {
        (_source, _sink) = ((top * _tokens) + source, sink);
        Array.Copy(_capacity, _left, top * _tokens * _tokens);
        var most = Math.Min(Leaving(top, source), Entering(sink));
        var total = 0.0;
        while (most - total > Nothing && Reaches(top))
        {
            Array.Clear(_next, 0, (top + 1) * _tokens);
            for (double pushed; (pushed = Push(top)) > 0;)
                total += pushed;
        }

        return total;
    }

    /// <summary>What of the last flow goes through an edge.</summary>
    public double Through(int layer, int to, int from)
    {
        var edge = (((layer * _tokens) + to) * _tokens) + from;
        return _capacity[edge] - _left[edge];
    }

    /// <summary>The bottleneck of the last flow: the edges, all of them full, that part the source from the sink.</summary>
    public IReadOnlyList<FlowEdge> Cut(int top)
    {
        _ = Reaches(top);
        var cut = new List<FlowEdge>();
        for (var layer = 0; layer < top; layer++)
            for (var to = 0; to < _tokens; to++)
                for (var from = 0; from < _tokens; from++)
                    if (Capacity(layer, to, from) > 0 && _distance[((layer + 1) * _tokens) + to] < 0 && _distance[(layer * _tokens) + from] >= 0)
                        cut.Add(new(layer, to, from, Capacity(layer, to, from)));
        return cut;
    }

    private double Capacity(int layer, int to, int from) => _capacity[(((layer * _tokens) + to) * _tokens) + from];

    private double Leaving(int top, int source)
    {
        var sum = 0.0;
        for (var from = 0; from < _tokens; from++)
            sum += Capacity(top - 1, source, from);
        return sum;
    }

    private double Entering(int sink)
    {
        var sum = 0.0;
        for (var to = 0; to < _tokens; to++)
            sum += Capacity(0, to, sink);
        return sum;
    }

    /// <summary>Distances to the sink through what is left; true when the source has one. Without the source, all that can reach the sink is known.</summary>
    private bool Reaches(int top)
    {
        Array.Fill(_distance, -1, 0, (top + 1) * _tokens);
        _distance[_sink] = 0;
        _queue[0] = _sink;
        for (int head = 0, tail = 1; head < tail; head++)
        {
            var node = _queue[head];
            var (layer, token) = (node / _tokens, node % _tokens);
            var distance = _distance[node] + 1;
            // Down to it from above, where the edge is not full.
            if (layer < top)
                for (int above = (layer + 1) * _tokens, at = (layer * _tokens * _tokens) + token; above < (layer + 2) * _tokens; above++, at += _tokens)
                    if (_distance[above] < 0 && _left[at] > Nothing)
                    {
                        _distance[above] = distance;
                        _queue[tail++] = above;
                    }

            // Back up to it from below, where something flows down that can be taken back.
            if (layer > 0)
                for (int below = (layer - 1) * _tokens, at = ((((layer - 1) * _tokens) + token) * _tokens); below < layer * _tokens; below++, at++)
                    if (_distance[below] < 0 && _capacity[at] - _left[at] > Nothing)
                    {
                        _distance[below] = distance;
                        _queue[tail++] = below;
                    }
        }

        return _distance[_source] >= 0;
    }

    /// <summary>One more path of shortest length, filled; 0 when there is none left.</summary>
    private double Push(int top)
    {
        var length = 0;
        _path[0] = _source;
        while (_path[length] != _sink)
        {
            if (Step(_path[length], top) is var next and >= 0)
            {
                _path[++length] = next;
                continue;
            }

            if (length == 0)
                return 0;
            // A dead end: whoever led here goes on to the next edge.
            _next[_path[--length]]++;
        }

        var room = double.PositiveInfinity;
        for (var i = 0; i < length; i++)
            room = Math.Min(room, Room(_path[i], _path[i + 1]));
        for (var i = 0; i < length; i++)
            Take(_path[i], _path[i + 1], room);
        return room;
    }

    /// <summary>The next node on a shortest way from here, by the first edge not yet given up; -1 when there is none.</summary>
    private int Step(int node, int top)
    {
        var (layer, wanted) = (node / _tokens, _distance[node] - 1);
        for (ref var next = ref _next[node]; next < 2 * _tokens; next++)
        {
            var other = next < _tokens ? ((layer - 1) * _tokens) + next : ((layer + 1) * _tokens) + next - _tokens;
            if ((next < _tokens ? layer > 0 : layer < top) && _distance[other] == wanted && Room(node, other) > Nothing)
                return other;
        }

        return -1;
    }

    private int Edge(int upper, int lower) => (upper * _tokens) - (_tokens * _tokens) + (lower % _tokens);

    // Upper nodes have larger numbers.
    private double Room(int from, int to) => from > to ? _left[Edge(from, to)] : _capacity[Edge(to, from)] - _left[Edge(to, from)];

    private void Take(int from, int to, double amount)
    {
        if (from > to)
            _left[Edge(from, to)] -= amount;
        else
            _left[Edge(to, from)] += amount;
    }
}
