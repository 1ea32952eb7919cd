using System.Runtime.Intrinsics;

namespace AttentionServer.Methods.ValueZeroing;

/// <summary>A feed-forward activation on several numbers at once; one type each, so that loops are compiled for it.</summary>
internal interface IVectorActivation
{
    /// <summary>The activation of each number.</summary>
    static abstract Vector512<float> Of(Vector512<float> x);
}

/// <summary>x Φ(x), with erf by the rational approximation 7.1.26 of Abramowitz and Stegun, good to 1.5e-7.</summary>
internal readonly struct Gelu : IVectorActivation
{
    public static Vector512<float> Of(Vector512<float> x)
    {
        var z = Vector512.Abs(x) * 0.70710678f;
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var tail = Vector512.FusedMultiplyAdd(Vector512.Create(1.061405429f), t, Vector512.Create(-1.453152027f));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(1.421413741f));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(-0.284496736f));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(0.254829592f));
        // Φ(x) is 1 − ½ erfc(|z|) to the right of 0 and ½ erfc(|z|) to the left: no digits are lost far out on either side.
        var half = tail * t * Exponential.Of(-(z * z)) * 0.5f;
        return x * Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One - half, half);
    }
}

/// <summary>½x(1 + tanh(√(2/π)(x + 0.044715 x³))) = x σ(2√(2/π)(x + 0.044715 x³)).</summary>
internal readonly struct GeluTanh : IVectorActivation
{
    public static Vector512<float> Of(Vector512<float> x) =>
        Silu.Gated(x, x * 1.5957691216f * Vector512.FusedMultiplyAdd(x * x, Vector512.Create(0.044715f), Vector512<float>.One));
}

/// <summary>max(0, x).</summary>
internal readonly struct Relu : IVectorActivation
{
    public static Vector512<float> Of(Vector512<float> x) => Vector512.Max(x, Vector512<float>.Zero);
}

/// <summary>x σ(x).</summary>
internal readonly struct Silu : IVectorActivation
{
    public static Vector512<float> Of(Vector512<float> x) => Gated(x, x);

    /// <summary>x σ(gate).</summary>
    public static Vector512<float> Gated(Vector512<float> x, Vector512<float> gate) => x / (Vector512<float>.One + Exponential.Of(-gate));
}

/// <summary>tanh x = 2σ(2x) − 1.</summary>
internal readonly struct Tanh : IVectorActivation
{
    public static Vector512<float> Of(Vector512<float> x) => (Vector512.Create(2f) / (Vector512<float>.One + Exponential.Of(x * -2f))) - Vector512<float>.One;
}

/// <summary>e^x to the last digits of a float: 2ⁿ times the Taylor polynomial of the rest, which is at most ½ ln 2.</summary>
internal static class Exponential
{
    public static Vector512<float> Of(Vector512<float> x)
    {
        // Beyond these a float is 0 or infinite; here they only must not spill into the exponent's sign.
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(88f));
        var n = Vector512.Round(x * 1.44269504f);
        // ln 2 in two parts, the first with few digits, so that n times it is exact.
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1f / 720), r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        return p * Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
    }
}
