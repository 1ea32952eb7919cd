using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;

namespace AttentionServer.Tests.Methods;

/// <summary>
/// A block in 64 bits and with nothing clever. Only hidden states and attention come from the model; values and everything behind
/// them are computed here from the stored weights.
/// </summary>
internal abstract class BlockReference(Model model, Trace trace)
{
    protected ModelConfig Config => model.Config;

    protected int Tokens => trace.Input.Length;

    protected Trace Trace => trace;

    protected BlockLayout Layout(int layer) => model.Block(layer).Layout;

    /// <summary>What enters a block, row by row.</summary>
    protected double[][] Entering(int layer) => [.. Enumerable.Range(0, Tokens).Select(i => Doubles(trace.HiddenStates[layer].At(i)))];

    /// <summary>The values of all heads side by side, row by row.</summary>
    protected double[][] Values(int layer)
    {
        var (layout, width) = (Layout(layer), Config.Heads * Config.HeadSize);
        return [.. Entering(layer).Select(row => layout.NormFirst ? Norm(row, layout.AttentionNorm) : row).Select(row => layout.Fused is { } fused
            ? Linear(row, fused, 3 * width, layout.InputsFirst)[(2 * width)..]
            : Linear(row, layout.Value, width, layout.InputsFirst))];
    }

    protected double[] Weights(string name, int length) => Doubles(model.Weight(name, length));

    protected double[] Linear(double[] row, string name, int width, bool inputsFirst, bool biased = true)
    {
        var weight = inputsFirst ? model.Weight($"{name}.weight", row.Length, width) : model.Weight($"{name}.weight", width, row.Length);
        var bias = model.Weight($"{name}.bias", width);
        var result = new double[width];
        for (var o = 0; o < width; o++)
        {
            result[o] = biased ? bias[o] : 0;
            for (var i = 0; i < row.Length; i++)
                result[o] += row[i] * weight[inputsFirst ? (i * width) + o : (o * row.Length) + i];
        }

        return result;
    }

    protected double[] Norm(double[] row, string name)
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + Config.LayerNormEpsilon);
        var scale = model.Weight($"{name}.weight", row.Length).ToArray();
        var shift = model.Weight($"{name}.bias", row.Length).ToArray();
        return [.. row.Select((v, i) => ((v - mean) / deviation * scale[i]) + shift[i])];
    }

    protected double Activation(double x) => Config.Activation switch
    {
        "gelu" => x * Normal(x),
        "relu" => Math.Max(0, x),
        "silu" or "swish" => x / (1 + Math.Exp(-x)),
        "tanh" => Math.Tanh(x),
        _ => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
    };

    /// <summary>Φ(x) by its power series ½ + φ(x)(x + x³/3 + x⁵/15 + …), which is exact to the last digits for the |x| of these models.</summary>
    private static double Normal(double x)
    {
        double term = x, sum = x;
        for (var n = 1; n < 200 && Math.Abs(term) > 1e-18; n++)
            sum += term *= x * x / ((2 * n) + 1);
        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }

    protected static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    protected static double[] Doubles(ReadOnlySpan<float> row)
    {
        var wide = new double[row.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = row[i];
        return wide;
    }
}
