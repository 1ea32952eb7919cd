using System.Numerics;

namespace AttentionServer.Methods.ValueZeroing;

/// <summary>A feed-forward activation on several numbers at once; one type each, so that loops are compiled for it.</summary>
internal interface IVectorActivation
{
    /// <summary>The activation of each number.</summary>
    static abstract Vector<float> Of(Vector<float> x);
}

/// <summary>x Φ(x), with erf by the rational approximation 7.1.26 of Abramowitz and Stegun, good to 1.5e-7.</summary>
internal readonly struct Gelu : IVectorActivation
{
    public static Vector<float> Of(Vector<float> x)
    {
        var z = Vector.Abs(x) * new Vector<float>(0.70710678f);
        var t = Vector<float>.One / (Vector<float>.One + (new Vector<float>(0.3275911f) * z));
        var tail = (((((((new Vector<float>(1.061405429f) * t) - new Vector<float>(1.453152027f)) * t) + new Vector<float>(1.421413741f)) * t) - new Vector<float>(0.284496736f)) * t) + new Vector<float>(0.254829592f);
        var complement = tail * t * Vector.Exp(-(z * z));
        // Φ(x) is 1 − ½ erfc(|z|) to the right of 0 and ½ erfc(|z|) to the left: no digits are lost far out on either side.
        var half = complement * new Vector<float>(0.5f);
        return x * Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), Vector<float>.One - half, half);
    }
}

/// <summary>½x(1 + tanh(√(2/π)(x + 0.044715 x³))) = x σ(2√(2/π)(x + 0.044715 x³)).</summary>
internal readonly struct GeluTanh : IVectorActivation
{
    public static Vector<float> Of(Vector<float> x) =>
        Silu.Gated(x, new Vector<float>(1.5957691216f) * x * (Vector<float>.One + (new Vector<float>(0.044715f) * x * x)));
}

/// <summary>max(0, x).</summary>
internal readonly struct Relu : IVectorActivation
{
    public static Vector<float> Of(Vector<float> x) => Vector.Max(x, Vector<float>.Zero);
}

/// <summary>x σ(x).</summary>
internal readonly struct Silu : IVectorActivation
{
    public static Vector<float> Of(Vector<float> x) => Gated(x, x);

    /// <summary>x σ(gate).</summary>
    public static Vector<float> Gated(Vector<float> x, Vector<float> gate) => x / (Vector<float>.One + Vector.Exp(-gate));
}

/// <summary>tanh x = 2σ(2x) − 1.</summary>
internal readonly struct Tanh : IVectorActivation
{
    public static Vector<float> Of(Vector<float> x) => (new Vector<float>(2) / (Vector<float>.One + Vector.Exp(new Vector<float>(-2) * x))) - Vector<float>.One;
}
