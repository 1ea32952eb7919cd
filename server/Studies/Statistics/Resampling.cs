using System.Numerics;

namespace AttentionServer.Studies.Statistics;

/// <summary>
/// Weighted sums of many rows of numbers under many random weights: a matrix product, cut into blocks that stay in the processor's cache and
/// are shared among its cores. The weights of a resample follow from the seed and its number alone.
/// </summary>
internal static class Resampling
{
    private const int Block = 16;

    // As many products as a 32-bit sum takes before it moves on to a 64-bit one.
    private const int Chunk = 1024;

    /// <summary>How often each example is drawn when as many are drawn as there are, with replacement (Efron 1979).</summary>
    public static void Counts(ref RandomStream random, Span<float> weights)
    {
        weights.Clear();
        for (var draw = 0; draw < weights.Length; draw++)
            weights[random.NextInt(weights.Length)]++;
    }

    /// <summary>Plus or minus one, each with probability one half.</summary>
    public static void Signs(ref RandomStream random, Span<float> weights)
    {
        var bits = 0UL;
        for (var i = 0; i < weights.Length; i++)
        {
            if (i % 64 == 0)
                bits = random.Next();
            weights[i] = ((bits >> (i % 64)) & 1) == 0 ? -1 : 1;
        }
    }

    /// <summary>How weights are drawn.</summary>
    public delegate void Draw(ref RandomStream random, Span<float> weights);

    /// <summary>Sums [resample][row].</summary>
    public static double[][] Sums(IReadOnlyList<double[]> rows, int resamples, int seed, Draw draw, CancellationToken cancellation)
    {
        var length = rows.Count == 0 ? 0 : rows[0].Length;
        var padded = (length + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        // Rows in fours; the last ones of a four that is not full are zeros.
        var fours = (rows.Count + 3) / 4;
        var data = new float[fours * 4][];
        for (var row = 0; row < data.Length; row++)
        {
            data[row] = new float[padded];
            for (var i = 0; row < rows.Count && i < length; i++)
                data[row][i] = (float)rows[row][i];
        }

        var sums = new double[resamples][];
        Parallel.For(0, (resamples + Block - 1) / Block, new ParallelOptions { CancellationToken = cancellation }, () => Enumerable.Range(0, Block).Select(_ => new float[padded]).ToArray(), (block, _, weights) =>
        {
            var first = block * Block;
            var count = Math.Min(Block, resamples - first);
            for (var i = 0; i < count; i++)
            {
                var random = new RandomStream(seed, first + i);
                draw(ref random, weights[i].AsSpan(0, length));
                sums[first + i] = new double[data.Length];
            }

            for (var from = 0; from < padded; from += Chunk)
                for (var four = 0; four < fours; four++)
                    for (var i = 0; i < count; i++)
                        Add(sums[first + i].AsSpan(four * 4, 4), weights[i], data, four * 4, from, Math.Min(Chunk, padded - from));
            return weights;
        }, _ => { });
        return sums;
    }

    private static void Add(Span<double> sums, float[] weights, float[][] data, int row, int from, int length)
    {
        ReadOnlySpan<float> w = weights.AsSpan(from, length);
        ReadOnlySpan<float> a = data[row].AsSpan(from, length), b = data[row + 1].AsSpan(from, length), c = data[row + 2].AsSpan(from, length), d = data[row + 3].AsSpan(from, length);
        Vector<float> sumA = default, sumB = default, sumC = default, sumD = default;
        for (var i = 0; i + Vector<float>.Count <= length; i += Vector<float>.Count)
        {
            var weight = new Vector<float>(w[i..]);
            sumA += weight * new Vector<float>(a[i..]);
            sumB += weight * new Vector<float>(b[i..]);
            sumC += weight * new Vector<float>(c[i..]);
            sumD += weight * new Vector<float>(d[i..]);
        }

        sums[0] += Vector.Sum(sumA);
        sums[1] += Vector.Sum(sumB);
        sums[2] += Vector.Sum(sumC);
        sums[3] += Vector.Sum(sumD);
    }
}
