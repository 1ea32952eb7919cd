using System.Numerics;
using AttentionServer.Engine;
using AttentionServer.Graphs;
using AttentionServer.Methods.Norms;

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
    private const int MostRows = 384;

    private readonly MethodRun _run;
    private readonly int _layer;
    private readonly int _heads;
    private readonly int _tokens;
    private readonly int _width;
    private readonly int _inner;
    private readonly bool _normFirst;
    private readonly float _epsilon;
    private readonly float[] _vectors;
    private readonly float[] _scale;
    private readonly float[] _shift;
    private readonly float[] _lastScale;
    private readonly float[] _lastShift;
    private readonly float[] _bias;
    private readonly float[] _raised;

    public ZeroedBlock(MethodRun run, int layer, CancellationToken cancellation)
    {
        var (config, block) = (run.Model.Config, run.Model.Block(layer));
        (_run, _layer, _heads, _tokens, _width, _inner) = (run, layer, config.Heads, run.Input.Length, config.Hidden, config.Intermediate);
        (_normFirst, _epsilon) = (block.Layout.NormFirst, (float)config.LayerNormEpsilon);
        _vectors = TransformedVectors.Of(run).Layer(layer, cancellation);
        // The norm that the feed-forward network reads through, and the one behind its sum.
        (_scale, _shift) = _normFirst ? (block.OutputScale.ToArray(), block.OutputShift.ToArray()) : (block.AttentionScale.ToArray(), block.AttentionShift.ToArray());
        (_lastScale, _lastShift) = (block.OutputScale.ToArray(), block.OutputShift.ToArray());
        _bias = run.Model.Weight($"{block.Layout.Up}.bias", _inner).ToArray();
        _raised = Raise(cancellation);
    }

    /// <summary>1 − cos of what leaves the block and of what would without a token's values [T,T]; 0 where nothing was drawn on it.</summary>
    public void Distances(Span<float> distances, CancellationToken cancellation)
    {
        var rows = new List<(int Row, int Token)>(MostRows + _tokens);
        var (activated, left) = (new float[(MostRows + _tokens + 1) * _inner], new float[(MostRows + _tokens + 1) * _width]);
        var results = new float[MostRows + _tokens + 1];
        for (var row = 0; row < _tokens; row++)
        {
            // The row as it is comes first: what it is compared with takes the same way through the same arithmetic.
            rows.Add((row, -1));
            for (var token = 0; token < _tokens; token++)
                if (Draws(row, token))
                    rows.Add((row, token));
            if (rows.Count < MostRows && row < _tokens - 1)
                continue;
            Measure(rows, activated, left, results, cancellation);
            for (var at = 0; at < rows.Count; at++)
                if (rows[at].Token >= 0)
                    distances[(rows[at].Row * _tokens) + rows[at].Token] = results[at];
            rows.Clear();
        }
    }

    private bool Draws(int row, int token)
    {
        var attention = _run.Trace.Attentions[_layer].Span;
        for (var head = 0; head < _heads; head++)
            if (attention[(((head * _tokens) + row) * _tokens) + token] != 0)
                return true;
        return false;
    }

    private void Measure(List<(int Row, int Token)> rows, float[] activated, float[] left, float[] results, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { CancellationToken = cancellation };
        Parallel.For(0, rows.Count, parallel, () => new float[_heads], (at, _, weights) =>
        {
            Prepare(rows[at].Row, rows[at].Token, weights, activated.AsSpan(at * _inner, _inner), left.AsSpan(at * _width, _width));
            return weights;
        }, _ => { });

        var input = new Tensor(activated, [activated.Length / _inner, _inner]).First(rows.Count);
        using var down = _run.Model.Compute($"feed-forward down {_layer}", ComposeDown, new Dictionary<string, Tensor> { ["rows"] = input }, cancellation);
        var starts = new int[rows.Count];
        for (var at = 1; at < rows.Count; at++)
            starts[at] = rows[at].Token < 0 ? at : starts[at - 1];
        Parallel.For(0, rows.Count, parallel, at => Finish(left.AsSpan(at * _width, _width), down.Floats("down").Slice(at * _width, _width)));
        Parallel.For(0, rows.Count, parallel, at => results[at] = Distance(left.AsSpan(starts[at] * _width, _width), left.AsSpan(at * _width, _width)));
    }

    /// <summary>What the second product takes of a row without a token, and what it is added to.</summary>
    private void Prepare(int row, int token, float[] weights, Span<float> activated, Span<float> left)
    {
        var attention = _run.Trace.Attentions[_layer].Span;
        var heads = token < 0 ? 0 : _heads;
        for (var head = 0; head < heads; head++)
            weights[head] = attention[(((head * _tokens) + row) * _tokens) + token];

        Without(left, _run.Trace.AttentionSums[_layer].At(row), _vectors, weights.AsSpan(0, heads), token, _width);
        var (mean, deviation) = Moments(left);
        ReadOnlySpan<float> ones = Raised((_heads + 1) * _tokens), shifts = Raised(((_heads + 1) * _tokens) + 1);
        Without(activated, Raised((_heads * _tokens) + row), _raised, weights.AsSpan(0, heads), token, _inner);

        var (factors, means) = (new Vector<float>(1 / deviation), new Vector<float>(mean));
        var at = 0;
        for (; at <= _inner - Vector<float>.Count; at += Vector<float>.Count)
        {
            var u = ((new Vector<float>(activated[at..]) - (means * new Vector<float>(ones[at..]))) * factors) + new Vector<float>(shifts[at..]) + new Vector<float>(_bias, at);
            TActivation.Of(u).CopyTo(activated[at..]);
        }

        for (; at < _inner; at++)
            activated[at] = TActivation.Of(new Vector<float>(((activated[at] - (mean * ones[at])) / deviation) + shifts[at] + _bias[at]))[0];
        if (!_normFirst)
            Normalise(left, mean, deviation, _scale, _shift);
    }

    /// <summary>The residual sum, and the norm behind it where there is one.</summary>
    private void Finish(Span<float> left, ReadOnlySpan<float> down)
    {
        Matrices.AddScaled(left, down, 1);
        if (_normFirst)
            return;
        var (mean, deviation) = Moments(left);
        Normalise(left, mean, deviation, _lastScale, _lastShift);
    }

    /// <summary>1 − cos(a, a − δ) = (|a|²|δ|² − (a·δ)²) / (r (r + |a|² − a·δ)) with r = |a||a − δ|: nothing cancels when δ is small.</summary>
    private static float Distance(ReadOnlySpan<float> whole, ReadOnlySpan<float> without)
    {
        double a = 0, c = 0, e = 0;
        for (var d = 0; d < whole.Length; d++)
        {
            double x = whole[d], difference = x - without[d];
            a += x * x;
            c += x * difference;
            e += difference * difference;
        }

        var r = Math.Sqrt(a * (a - (2 * c) + e));
        return r == 0 ? 0 : (float)(((a * e) - (c * c)) / (r * (r + a - c)));
    }

    /// <summary>to = sum − Σ_h w_h v_hj.</summary>
    private void Without(Span<float> to, ReadOnlySpan<float> sum, float[] vectors, ReadOnlySpan<float> weights, int token, int width)
    {
        var at = 0;
        for (; at <= width - Vector<float>.Count; at += Vector<float>.Count)
        {
            var left = new Vector<float>(sum[at..]);
            for (var head = 0; head < weights.Length; head++)
                left -= new Vector<float>(weights[head]) * new Vector<float>(vectors, (((head * _tokens) + token) * width) + at);
            left.CopyTo(to[at..]);
        }

        for (; at < width; at++)
        {
            to[at] = sum[at];
            for (var head = 0; head < weights.Length; head++)
                to[at] -= weights[head] * vectors[(((head * _tokens) + token) * width) + at];
        }
    }

    private (float Mean, float Deviation) Moments(ReadOnlySpan<float> row)
    {
        double mean = 0, variance = 0;
        foreach (var x in row)
            mean += x;
        mean /= row.Length;
        foreach (var x in row)
            variance += (x - mean) * (x - mean);
        return ((float)mean, (float)Math.Sqrt((variance / row.Length) + _epsilon));
    }

    private static void Normalise(Span<float> row, float mean, float deviation, float[] scale, float[] shift)
    {
        var at = 0;
        var (means, factors) = (new Vector<float>(mean), new Vector<float>(1 / deviation));
        for (; at <= row.Length - Vector<float>.Count; at += Vector<float>.Count)
            (((new Vector<float>(row[at..]) - means) * factors * new Vector<float>(scale, at)) + new Vector<float>(shift, at)).CopyTo(row[at..]);
        for (; at < row.Length; at++)
            row[at] = ((row[at] - mean) / deviation * scale[at]) + shift[at];
    }

    private ReadOnlySpan<float> Raised(int row) => _raised.AsSpan(row * _inner, _inner);

    /// <summary>W₁ of γ ⊙ every vector, γ ⊙ every sum, γ and β: [(H + 1)·T + 2, F].</summary>
    private float[] Raise(CancellationToken cancellation)
    {
        var count = ((_heads + 1) * _tokens) + 2;
        var rows = new float[count * _width];
        _vectors.CopyTo(rows, 0);
        var sums = _run.Trace.AttentionSums[_layer].Span;
        sums.CopyTo(rows.AsSpan(_vectors.Length));
        rows.AsSpan((count - 2) * _width, _width).Fill(1);
        for (var row = 0; row < count - 1; row++)
            for (var d = 0; d < _width; d++)
                rows[(row * _width) + d] *= _scale[d];
        _shift.CopyTo(rows, (count - 1) * _width);
        using var up = _run.Model.Compute($"feed-forward up {_layer}", ComposeUp, new Dictionary<string, Tensor> { ["rows"] = new(rows, count, _width) }, cancellation);
        return up.Floats("up").ToArray();
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
}
