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
        var raised = ((((heads + 1) * tokens) + 2) * inner) + ((tokens + 2) * width);
        // Kept for as long as the model is open.
        var matrices = config.Layers * heads * config.HeadSize * inner;
        var buffers = (MostRows + tokens + 1) * (inner + (2 * width) + 1);
        // A layer's transformed vectors are there twice while the engine hands them over.
        var copies = (heads * tokens * tokens) + (tokens * width) + (heads * tokens * width);
        return sizeof(float) * (raised + matrices + buffers + copies);
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
        // Two rows of a token at a time: each of its vectors is fetched once for both.
        var pairs = Enumerable.Range(0, rows.Count).GroupBy(at => rows[at].Token).SelectMany(same => same.Chunk(2)).ToArray();
        Parallel.For(0, pairs.Length, parallel, () => new float[2 * _heads], (pair, _, weights) =>
        {
            Subtract(pairs[pair], rows, buffers, weights);
            foreach (var at in pairs[pair])
                Activate(activated.AsSpan(at * _inner, _inner), left.AsSpan(at * _width, _width));
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

    /// <summary>Takes a token's values from the sums of one or two rows, and from what the first product makes of them.</summary>
    private void Subtract(int[] pair, List<(int Row, int Token)> rows, Buffers buffers, float[] weights)
    {
        var (first, token) = (pair[0], rows[pair[0]].Token);
        var row = rows[first].Row;
        var raised = buffers.Activated.AsSpan(first * _inner, _inner);
        var left = buffers.Left.AsSpan(first * _width, _width);
        if (token < 0)
        {
            foreach (var at in pair)
            {
                Sum(rows[at].Row).CopyTo(buffers.Left.AsSpan(at * _width));
                RaisedSum(rows[at].Row).CopyTo(buffers.Activated.AsSpan(at * _inner));
            }

            return;
        }

        var vectors = _vectors.AsSpan(token * _width);
        var raisedVectors = _raised.AsSpan(token * _inner);
        Weights(row, token, weights.AsSpan(0, _heads));
        if (pair.Length == 1)
        {
            Rows.Without(left, Sum(row), vectors, _tokens * _width, weights.AsSpan(0, _heads));
            Rows.Without(raised, RaisedSum(row), raisedVectors, _tokens * _inner, weights.AsSpan(0, _heads));
            return;
        }

        var (second, other) = (pair[1], rows[pair[1]].Row);
        Weights(other, token, weights.AsSpan(_heads));
        Rows.Without(left, buffers.Left.AsSpan(second * _width, _width), Sum(row), Sum(other), vectors, _tokens * _width, weights.AsSpan(0, _heads), weights.AsSpan(_heads));
        Rows.Without(raised, buffers.Activated.AsSpan(second * _inner, _inner), RaisedSum(row), RaisedSum(other), raisedVectors, _tokens * _inner, weights.AsSpan(0, _heads), weights.AsSpan(_heads));
    }

    private void Weights(int row, int token, Span<float> weights)
    {
        for (var head = 0; head < _heads; head++)
            weights[head] = _attention[(((head * _tokens) + row) * _tokens) + token];
    }

    private ReadOnlySpan<float> Sum(int row) => _sums.AsSpan(row * _width, _width);

    private ReadOnlySpan<float> RaisedSum(int row) => Raised((_heads * _tokens) + row);

    /// <summary>What the second product takes of a row, and what it is added to.</summary>
    private void Activate(Span<float> activated, Span<float> left)
    {
        var (mean, deviation) = Rows.Moments(left, _epsilon);
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

    /// <summary>
    /// W₁ of γ ⊙ every vector, γ ⊙ every sum, γ and β: [(H + 1)·T + 2, F]. The vectors are v_hj W_O^h, so theirs are v_hj (W_O^h γ W₁) with
    /// matrices that follow from the weights and are made once.
    /// </summary>
    private float[] Raise(CancellationToken cancellation)
    {
        var (vectors, others) = (_heads * _tokens, _tokens + 2);
        var (rows, raised) = _run.Shared("raised rows", () => new Raising(new float[others * _width], new float[(vectors + others) * _inner]));
        _sums.CopyTo(rows, 0);
        rows.AsSpan((others - 2) * _width, _width).Fill(1);
        Parallel.For(0, others - 1, row => Rows.Scale(rows.AsSpan(row * _width, _width), _scale));
        _shift.CopyTo(rows, (others - 1) * _width);
        var all = new Tensor(raised, vectors + others, _inner);
        _run.Model.Compute($"feed-forward up {_layer}", ComposeUp, new Dictionary<string, Tensor> { ["rows"] = new(rows, others, _width) }, all.Rows(vectors, others), cancellation);
        var (size, layout) = (_run.Model.Config.HeadSize, _run.Model.Block(_layer).Layout);
        var matrices = _run.Model.Derived($"{layout.Output} through {layout.Up}", () => OutputThroughUp(size, cancellation));
        var inputs = new Dictionary<string, Tensor> { ["v"] = _run.Trace.Values[_layer], ["m"] = new(matrices, _heads, size, _inner) };
        _run.Model.Compute("values through output and up", () => ComposeValues(size), inputs, new Tensor(raised, vectors + others, _inner).Rows(0, vectors).Shaped(_heads, _tokens, _inner), cancellation);
        return raised;
    }

    /// <summary>W_O^h γ W₁ [H, d, F].</summary>
    private float[] OutputThroughUp(int size, CancellationToken cancellation)
    {
        var matrices = new float[_heads * size * _inner];
        _run.Model.Compute($"output through up {_layer}", () => ComposeOutputThroughUp(size), new Dictionary<string, Tensor> { ["scale"] = new(_scale, _width) }, new Tensor(matrices, _heads * size, _inner), cancellation);
        return matrices;
    }

    private GraphBuilder ComposeValues(int size)
    {
        var graph = new GraphBuilder();
        graph.Output("raised", graph.MatMul(graph.Input("v", ElementType.Float, _heads, "T", size), graph.Input("m", ElementType.Float, _heads, size, _inner)));
        return graph;
    }

    private GraphBuilder ComposeOutputThroughUp(int size)
    {
        var (graph, layout) = (new GraphBuilder(), _run.Model.Block(_layer).Layout);
        var output = layout.InputsFirst ? graph.Weight($"{layout.Output}.weight", _heads * size, _width) : graph.Transpose(graph.Weight($"{layout.Output}.weight", _width, _heads * size), 1, 0);
        var up = layout.InputsFirst ? graph.Weight($"{layout.Up}.weight", _width, _inner) : graph.Weight($"{layout.Up}.weight", _inner, _width);
        graph.Output("matrices", graph.Linear(graph.Multiply(output, graph.Input("scale", ElementType.Float, _width)), up, null, layout.InputsFirst));
        return graph;
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
