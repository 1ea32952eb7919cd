using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttentionServer.Methods.ValueZeroing;

/// <summary>
/// Arithmetic of single rows, as fast as one core can: the loops that run once for every pair of tokens. Compiled in full at once: a
/// reader waits for the first run.
/// </summary>
internal static class Rows
{
    private static int Lanes => Vector512<float>.Count;

    /// <summary>to = sum − Σ_h w_h v_h, the vectors of heads lying <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Without(Span<float> to, ReadOnlySpan<float> sum, ReadOnlySpan<float> vectors, int stride, ReadOnlySpan<float> weights)
    {
        ref var target = ref MemoryMarshal.GetReference(to);
        ref var source = ref MemoryMarshal.GetReference(sum);
        ref var first = ref MemoryMarshal.GetReference(vectors);
        // The last rows of all end before the span does; everything read below is inside them.
        _ = vectors[(Math.Max(0, weights.Length - 1) * stride) + to.Length - 1];
        _ = sum[to.Length - 1];
        nuint at = 0, width = (nuint)to.Length, lanes = (nuint)Lanes;
        for (; at + (4 * lanes) <= width; at += 4 * lanes)
        {
            var a = Vector512.LoadUnsafe(ref source, at);
            var b = Vector512.LoadUnsafe(ref source, at + lanes);
            var c = Vector512.LoadUnsafe(ref source, at + (2 * lanes));
            var d = Vector512.LoadUnsafe(ref source, at + (3 * lanes));
            for (var head = 0; head < weights.Length; head++)
            {
                var weight = Vector512.Create(-weights[head]);
                var place = at + ((nuint)head * (nuint)stride);
                a = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref first, place), a);
                b = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref first, place + lanes), b);
                c = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref first, place + (2 * lanes)), c);
                d = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref first, place + (3 * lanes)), d);
            }

            a.StoreUnsafe(ref target, at);
            b.StoreUnsafe(ref target, at + lanes);
            c.StoreUnsafe(ref target, at + (2 * lanes));
            d.StoreUnsafe(ref target, at + (3 * lanes));
        }

        for (var i = (int)at; i < to.Length; i++)
        {
            to[i] = sum[i];
            for (var head = 0; head < weights.Length; head++)
                to[i] -= weights[head] * vectors[(head * stride) + i];
        }
    }

    /// <summary>The same for two rows at once, so that each vector is fetched once for both; they are what takes time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Without(Span<float> to, Span<float> other, ReadOnlySpan<float> sum, ReadOnlySpan<float> otherSum, ReadOnlySpan<float> vectors, int stride, ReadOnlySpan<float> weights, ReadOnlySpan<float> otherWeights)
    {
        ref var target = ref MemoryMarshal.GetReference(to);
        ref var otherTarget = ref MemoryMarshal.GetReference(other);
        ref var source = ref MemoryMarshal.GetReference(sum);
        ref var otherSource = ref MemoryMarshal.GetReference(otherSum);
        ref var first = ref MemoryMarshal.GetReference(vectors);
        _ = vectors[(Math.Max(0, weights.Length - 1) * stride) + to.Length - 1];
        _ = (sum[to.Length - 1], otherSum[to.Length - 1], other[to.Length - 1], otherWeights[weights.Length - 1]);
        nuint at = 0, width = (nuint)to.Length, lanes = (nuint)Lanes;
        for (; at + (4 * lanes) <= width; at += 4 * lanes)
        {
            var a = Vector512.LoadUnsafe(ref source, at);
            var b = Vector512.LoadUnsafe(ref source, at + lanes);
            var c = Vector512.LoadUnsafe(ref source, at + (2 * lanes));
            var d = Vector512.LoadUnsafe(ref source, at + (3 * lanes));
            var e = Vector512.LoadUnsafe(ref otherSource, at);
            var f = Vector512.LoadUnsafe(ref otherSource, at + lanes);
            var g = Vector512.LoadUnsafe(ref otherSource, at + (2 * lanes));
            var h = Vector512.LoadUnsafe(ref otherSource, at + (3 * lanes));
            for (var head = 0; head < weights.Length; head++)
            {
                var (weight, otherWeight) = (Vector512.Create(-weights[head]), Vector512.Create(-otherWeights[head]));
                var place = at + ((nuint)head * (nuint)stride);
                var vector = Vector512.LoadUnsafe(ref first, place);
                (a, e) = (Vector512.FusedMultiplyAdd(weight, vector, a), Vector512.FusedMultiplyAdd(otherWeight, vector, e));
                vector = Vector512.LoadUnsafe(ref first, place + lanes);
                (b, f) = (Vector512.FusedMultiplyAdd(weight, vector, b), Vector512.FusedMultiplyAdd(otherWeight, vector, f));
                vector = Vector512.LoadUnsafe(ref first, place + (2 * lanes));
                (c, g) = (Vector512.FusedMultiplyAdd(weight, vector, c), Vector512.FusedMultiplyAdd(otherWeight, vector, g));
                vector = Vector512.LoadUnsafe(ref first, place + (3 * lanes));
                (d, h) = (Vector512.FusedMultiplyAdd(weight, vector, d), Vector512.FusedMultiplyAdd(otherWeight, vector, h));
            }

            a.StoreUnsafe(ref target, at);
            b.StoreUnsafe(ref target, at + lanes);
            c.StoreUnsafe(ref target, at + (2 * lanes));
            d.StoreUnsafe(ref target, at + (3 * lanes));
            e.StoreUnsafe(ref otherTarget, at);
            f.StoreUnsafe(ref otherTarget, at + lanes);
            g.StoreUnsafe(ref otherTarget, at + (2 * lanes));
            h.StoreUnsafe(ref otherTarget, at + (3 * lanes));
        }

        if (at == width)
            return;
        var rest = (int)at;
        Without(to[rest..], sum[rest..], vectors[rest..], stride, weights);
        Without(other[rest..], otherSum[rest..], vectors[rest..], stride, otherWeights);
    }

    /// <summary>row = row ⊙ scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(Span<float> row, ReadOnlySpan<float> scale)
    {
        var i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
            (Vector512.Create<float>(row[i..]) * Vector512.Create(scale[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] *= scale[i];
    }

    /// <summary>row = act((row − mean·ones) / deviation + shifts + bias).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate<TActivation>(Span<float> row, float mean, float deviation, ReadOnlySpan<float> ones, ReadOnlySpan<float> shifts)
        where TActivation : struct, IVectorActivation
    {
        var i = 0;
        var (means, factors) = (Vector512.Create(-mean), Vector512.Create(1 / deviation));
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            var centred = Vector512.FusedMultiplyAdd(means, Vector512.Create(ones[i..]), Vector512.Create<float>(row[i..]));
            TActivation.Of(Vector512.FusedMultiplyAdd(centred, factors, Vector512.Create(shifts[i..]))).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
            row[i] = TActivation.Of(Vector512.Create(((row[i] - (mean * ones[i])) / deviation) + shifts[i]))[0];
    }

    /// <summary>The mean of a row and its deviation, the square root of its biased variance plus epsilon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Mean, float Deviation) Moments(ReadOnlySpan<float> row, float epsilon)
    {
        var i = 0;
        var sums = Vector512<float>.Zero;
        for (; i <= row.Length - Lanes; i += Lanes)
            sums += Vector512.Create(row[i..]);
        double mean = Vector512.Sum(sums);
        for (; i < row.Length; i++)
            mean += row[i];
        mean /= row.Length;

        var means = Vector512.Create((float)mean);
        var squares = Vector512<float>.Zero;
        for (i = 0; i <= row.Length - Lanes; i += Lanes)
        {
            var centred = Vector512.Create(row[i..]) - means;
            squares = Vector512.FusedMultiplyAdd(centred, centred, squares);
        }

        double variance = Vector512.Sum(squares);
        for (; i < row.Length; i++)
            variance += (row[i] - mean) * (row[i] - mean);
        return ((float)mean, (float)Math.Sqrt((variance / row.Length) + epsilon));
    }

    /// <summary>row = (row − mean) / deviation ⊙ scale + shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalise(Span<float> row, float mean, float deviation, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        var i = 0;
        var (means, factors) = (Vector512.Create(mean), Vector512.Create(1 / deviation));
        for (; i <= row.Length - Lanes; i += Lanes)
            Vector512.FusedMultiplyAdd((Vector512.Create<float>(row[i..]) - means) * factors, Vector512.Create(scale[i..]), Vector512.Create(shift[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] = ((row[i] - mean) / deviation * scale[i]) + shift[i];
    }

    /// <summary>
    /// 1 − cos(a, a − δ) = (|a|²|δ|² − (a·δ)²) / (r (r + |a|² − a·δ)) with r = |a||a − δ|: nothing cancels when δ is small. Sums in
    /// 64 bits, where they do.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Distance(ReadOnlySpan<float> whole, ReadOnlySpan<float> without)
    {
        var i = 0;
        Vector512<double> aa = Vector512<double>.Zero, ad = aa, dd = aa;
        for (; i <= whole.Length - Lanes; i += Lanes)
        {
            var x = Vector512.Create(whole[i..]);
            var (low, high) = Vector512.Widen(x);
            var (lowMoved, highMoved) = Vector512.Widen(x - Vector512.Create(without[i..]));
            aa = Vector512.FusedMultiplyAdd(low, low, Vector512.FusedMultiplyAdd(high, high, aa));
            ad = Vector512.FusedMultiplyAdd(low, lowMoved, Vector512.FusedMultiplyAdd(high, highMoved, ad));
            dd = Vector512.FusedMultiplyAdd(lowMoved, lowMoved, Vector512.FusedMultiplyAdd(highMoved, highMoved, dd));
        }

        double a = Vector512.Sum(aa), c = Vector512.Sum(ad), e = Vector512.Sum(dd);
        for (; i < whole.Length; i++)
        {
            double x = whole[i], moved = whole[i] - without[i];
            (a, c, e) = (a + (x * x), c + (x * moved), e + (moved * moved));
        }

        var r = Math.Sqrt(a * (a - (2 * c) + e));
        return r == 0 ? 0 : (float)(((a * e) - (c * c)) / (r * (r + a - c)));
    }
}
