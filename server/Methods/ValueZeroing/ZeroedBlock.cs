using AttentionServer.Engine;
using AttentionServer.Graphs;
using AttentionServer.Methods.Norms;
using AttentionServer.Models;

namespace AttentionServer.Methods.ValueZeroing;

/// <summary>
/// A block recomputed with one token's values zeroed, for every pair of a row and a token, exactly. A zeroed value only takes
/// s_ij = Σ_h A_hij f_h(x_j) from the row's sum p_i, so nothing before the sum runs again. The norm that follows is affine once its
/// mean and deviation are known, so the first feed-forward product of all T² rows comes from T·H vectors W₁(γ ⊙ f_h(x_j)). Only the
/// second product has to be made for every pair.
/// </summary>
internal sealed class ZeroedBlock<TActivation>
    where TActivation : struct, IVectorActivation
{
    // Rows of one product: enough for the processor's full speed, few enough to stay in its caches and to stop soon.
    private const int MostRows = 1024;

    private readonly MethodRun _run;
    private readonly int _layer;
    private readonly int _heads;
    private readonly int _tokens;
    private readonly int _width;
    private readonly int _inner;
    private readonly bool _normFirst;
    private readonly float _epsilon;
    private readonly float[] _attention;
    private readonly float[] _sums;
    private readonly float[] _vectors;
    private readonly float[] _scale;
    private readonly float[] _shift;
    private readonly float[] _lastScale;
    private readonly float[] _lastShift;
    private readonly float[] _shifts;
    private readonly float[] _raised;

    public ZeroedBlock(MethodRun run, int layer, CancellationToken cancellation)
    {
        var (config, block) = (run.Model.Config, run.Model.Block(layer));
        (_run, _layer, _heads, _tokens, _width, _inner) = (run, layer, config.Heads, run.Input.Length, config.Hidden, config.Intermediate);
        (_normFirst, _epsilon) = (block.Layout.NormFirst, (float)config.LayerNormEpsilon);
        // Copies: asking a run for its numbers costs as much as computing with a row of them.
        (_attention, _sums) = (run.Trace.Attentions[layer].ToArray(), run.Trace.AttentionSums[layer].ToArray());
        _vectors = TransformedVectors.Of(run).Layer(layer, cancellation);
        // The norm that the feed-forward network reads through, and the one behind its sum.
        (_scale, _shift) = _normFirst ? (block.OutputScale.ToArray(), block.OutputShift.ToArray()) : (block.AttentionScale.ToArray(), block.AttentionShift.ToArray());
        (_lastScale, _lastShift) = (block.OutputScale.ToArray(), block.OutputShift.ToArray());
        _raised = Raise(cancellation);
        // What every row gets besides its vectors: W₁β + b₁.
        _shifts = Raised(((_heads + 1) * _tokens) + 1).ToArray();
        Matrices.AddScaled(_shifts, run.Model.Weight($"{block.Layout.Up}.bias", _inner), 1);
    }

    /// <summary>What the pairs of one layer take in memory, besides the transformed vectors.</summary>
    public static long Bytes(ModelConfig config, int tokens)
    {
        long heads = config.Heads, width = config.Hidden, inner = config.Intermediate;
        var raised = (((heads + 1) * tokens) + 2) * (width + inner);
        var buffers = (MostRows + tokens + 1) * (inner + (2 * width) + 1);
        // A layer's transformed vectors are there twice while the engine hands them over.
        var copies = (heads * tokens * tokens) + (tokens * width) + (heads * tokens * width);
        return sizeof(float) * (raised + buffers + copies);
    }

    /// <summary>
    /// 1 − cos of what leaves the block and of what would without a token's values [T,T]; 0 where nothing was drawn on it.
    /// <paramref name="done"/> is told how many rows of them are there.
    /// </summary>
    public void Distances(Span<float> distances, Action<int> done, CancellationToken cancellation)
    {
        var rows = new List<(int Row, int Token)>(MostRows + _tokens);
        // Shared by the layers: memory that the system has to clear first costs as much as the work done in it.
        var most = MostRows + _tokens + 1;
        var buffers = _run.Shared("zeroed rows", () => new Buffers(new float[most * _inner], new float[most * _width], new float[most * _width], new float[most]));
        for (var row = 0; row < _tokens; row++)
        {
            // The row as it is comes first: what it is compared with takes the same way through the same arithmetic.
            rows.Add((row, -1));
            for (var token = 0; token < _tokens; token++)
                if (Draws(row, token))
                    rows.Add((row, token));
            if (rows.Count < MostRows && row < _tokens - 1)
                continue;
            Measure(rows, buffers, cancellation);
            for (var at = 0; at < rows.Count; at++)
                if (rows[at].Token >= 0)
                    distances[(rows[at].Row * _tokens) + rows[at].Token] = buffers.Results[at];
            rows.Clear();
            done(row + 1);
        }
    }

    private bool Draws(int row, int token)
    {
        for (var head = 0; head < _heads; head++)
            if (_attention[(((head * _tokens) + row) * _tokens) + token] != 0)
                return true;
        return false;
    }

    private void Measure(List<(int Row, int Token)> rows, Buffers buffers, CancellationToken cancellation)
    {
        var (activated, left, down, results) = buffers;
        var parallel = new ParallelOptions { CancellationToken = cancellation };
        // Token after token: a token's vectors stay in the processor's cache for all rows of this product.
        var order = Enumerable.Range(0, rows.Count).OrderBy(at => rows[at].Token).ToArray();
        Parallel.For(0, rows.Count, parallel, () => new float[_heads], (place, _, weights) =>
        {
            var at = order[place];
            Prepare(rows[at].Row, rows[at].Token, weights, activated.AsSpan(at * _inner, _inner), left.AsSpan(at * _width, _width));
            return weights;
        }, _ => { });

        var input = new Tensor(activated, activated.Length / _inner, _inner).Rows(0, rows.Count);
        var output = new Tensor(down, down.Length / _width, _width).Rows(0, rows.Count);
        _run.Model.Compute($"feed-forward down {_layer}", ComposeDown, new Dictionary<string, Tensor> { ["rows"] = input }, output, cancellation);
        var starts = new int[rows.Count];
        for (var at = 1; at < rows.Count; at++)
            starts[at] = rows[at].Token < 0 ? at : starts[at - 1];
        Parallel.For(0, rows.Count, parallel, at => Finish(left.AsSpan(at * _width, _width), down.AsSpan(at * _width, _width)));
        Parallel.For(0, rows.Count, parallel, at => results[at] = Rows.Distance(left.AsSpan(starts[at] * _width, _width), left.AsSpan(at * _width, _width)));
    }

    /// <summary>What the second product takes of a row without a token, and what it is added to.</summary>
    private void Prepare(int row, int token, float[] weights, Span<float> activated, Span<float> left)
    {
        var heads = token < 0 ? 0 : _heads;
        for (var head = 0; head < heads; head++)
            weights[head] = _attention[(((head * _tokens) + row) * _tokens) + token];

        Rows.Without(left, _sums.AsSpan(row * _width, _width), _vectors.AsSpan(Math.Max(0, token) * _width), _tokens * _width, weights.AsSpan(0, heads));
        var (mean, deviation) = Rows.Moments(left, _epsilon);
        Rows.Without(activated, Raised((_heads * _tokens) + row), _raised.AsSpan(Math.Max(0, token) * _inner), _tokens * _inner, weights.AsSpan(0, heads));
        Rows.Activate<TActivation>(activated, mean, deviation, Raised((_heads + 1) * _tokens), _shifts);
        if (!_normFirst)
            Rows.Normalise(left, mean, deviation, _scale, _shift);
    }

    /// <summary>The residual sum, and the norm behind it where there is one.</summary>
    private void Finish(Span<float> left, ReadOnlySpan<float> down)
    {
        Matrices.AddScaled(left, down, 1);
        if (_normFirst)
            return;
        var (mean, deviation) = Rows.Moments(left, _epsilon);
        Rows.Normalise(left, mean, deviation, _lastScale, _lastShift);
    }

    private ReadOnlySpan<float> Raised(int row) => _raised.AsSpan(row * _inner, _inner);

    /// <summary>W₁ of γ ⊙ every vector, γ ⊙ every sum, γ and β: [(H + 1)·T + 2, F].</summary>
    private float[] Raise(CancellationToken cancellation)
    {
        var count = ((_heads + 1) * _tokens) + 2;
        var (rows, raised) = _run.Shared("raised rows", () => new Raising(new float[count * _width], new float[count * _inner]));
        _vectors.CopyTo(rows, 0);
        _sums.CopyTo(rows, _vectors.Length);
        rows.AsSpan((count - 2) * _width, _width).Fill(1);
        Parallel.For(0, count - 1, row => Rows.Scale(rows.AsSpan(row * _width, _width), _scale));
        _shift.CopyTo(rows, (count - 1) * _width);
        var (input, output) = (new Tensor(rows, count, _width), new Tensor(raised, count, _inner));
        // In parts, because a product that has begun cannot be stopped.
        for (var start = 0; start < count; start += MostRows)
        {
            var part = Math.Min(MostRows, count - start);
            _run.Model.Compute($"feed-forward up {_layer}", ComposeUp, new Dictionary<string, Tensor> { ["rows"] = input.Rows(start, part) }, output.Rows(start, part), cancellation);
        }

        return raised;
    }

    private GraphBuilder ComposeUp()
    {
        var (graph, layout) = (new GraphBuilder(), _run.Model.Block(_layer).Layout);
        var rows = graph.Input("rows", ElementType.Float, "N", _width);
        var weight = layout.InputsFirst ? graph.Weight($"{layout.Up}.weight", _width, _inner) : graph.Weight($"{layout.Up}.weight", _inner, _width);
        graph.Output("up", graph.Linear(rows, weight, null, layout.InputsFirst));
        return graph;
    }

    private GraphBuilder ComposeDown()
    {
        var (graph, layout) = (new GraphBuilder(), _run.Model.Block(_layer).Layout);
        var rows = graph.Input("rows", ElementType.Float, "N", _inner);
        var weight = layout.InputsFirst ? graph.Weight($"{layout.Down}.weight", _inner, _width) : graph.Weight($"{layout.Down}.weight", _width, _inner);
        graph.Output("down", graph.Linear(rows, weight, graph.Weight($"{layout.Down}.bias", _width), layout.InputsFirst));
        return graph;
    }

    private sealed record Raising(float[] Vectors, float[] Raised);

    private sealed record Buffers(float[] Activated, float[] Left, float[] Down, float[] Results);
}
