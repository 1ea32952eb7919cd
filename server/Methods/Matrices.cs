using System.Numerics;

namespace AttentionServer.Methods;

/// <summary>Products of square matrices of scores, vectorised over columns and spread over rows.</summary>
internal static class Matrices
{
    /// <summary>to += factor · from.</summary>
    public static void AddScaled(Span<float> to, ReadOnlySpan<float> from, float factor)
    {
        var i = 0;
        var factors = new Vector<float>(factor);
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) + (factors * new Vector<float>(from[i..]))).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] += factor * from[i];
    }

    /// <summary>Rows of a square matrix divided by their sums; a row of zeros stays one.</summary>
    public static void NormaliseRows(Span<float> matrix, int tokens)
    {
        for (var i = 0; i < tokens; i++)
        {
            var row = matrix.Slice(i * tokens, tokens);
            var sum = 0.0;
            foreach (var score in row)
                sum += score;
            if (sum == 0)
                continue;
            foreach (ref var score in row)
                score = (float)(score / sum);
        }
    }

    /// <summary>map[layer] = left · map[layer − 1].</summary>
    public static void Multiply(ReadOnlyMemory<float> left, ContextMap map, int layer, CancellationToken cancellation)
    {
        var tokens = map.Tokens;
        Parallel.For(0, tokens, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            var row = map.Layer(layer).Slice(i * tokens, tokens);
            ReadOnlySpan<float> below = map.Layer(layer - 1), weights = left.Span.Slice(i * tokens, tokens);
            for (var k = 0; k < tokens; k++)
                if (weights[k] != 0)
                    AddScaled(row, below.Slice(k * tokens, tokens), weights[k]);
        });
    }
}
