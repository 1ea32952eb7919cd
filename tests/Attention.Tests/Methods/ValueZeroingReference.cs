using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Tests.Methods;

/// <summary>
/// Value Zeroing as it is defined, in 64 bits and with nothing clever: for every token the values are zeroed in all heads, mixed,
/// projected, and the rest of the block is run. Only hidden states and attention come from the model; values, mixtures and
/// everything behind them are computed here from the stored weights.
/// </summary>
internal sealed class ValueZeroingReference(Model model, Trace trace)
{
    private readonly ModelConfig _config = model.Config;
    private readonly int _tokens = trace.Input.Length;

    /// <summary>1 − cos(y_i, y_i¬j) of one layer [T,T].</summary>
    public double[] Distances(int layer)
    {
        var whole = BlockWithout(layer, -1);
        var distances = new double[_tokens * _tokens];
        for (var token = 0; token < _tokens; token++)
        {
            var without = BlockWithout(layer, token);
            for (var row = 0; row < _tokens; row++)
                distances[(row * _tokens) + token] = 1 - Cosine(whole[row], without[row]);
        }

        return distances;
    }

    private double[][] BlockWithout(int layer, int token)
    {
        var layout = model.Block(layer).Layout;
        var x = Enumerable.Range(0, _tokens).Select(i => trace.HiddenStates[layer].At(i).ToArray().Select(v => (double)v).ToArray()).ToArray();
        int heads = _config.Heads, size = _config.HeadSize, width = heads * size;
        var values = x.Select(row => layout.NormFirst ? Norm(row, layout.AttentionNorm) : row).Select(row => layout.Fused is { } fused
            ? Linear(row, fused, 3 * width, layout.InputsFirst)[(2 * width)..]
            : Linear(row, layout.Value, width, layout.InputsFirst)).ToArray();
        if (token >= 0)
            values[token] = new double[width];
        return [.. x.Select((row, i) =>
        {
            var mixed = new double[width];
            for (var c = 0; c < width; c++)
                for (var j = 0; j < _tokens; j++)
                    mixed[c] += trace.Attentions[layer].At(c / size, i)[j] * values[j][c];
            var sum = Plus(Linear(mixed, layout.Output, _config.Hidden, layout.InputsFirst), row);
            var y = layout.NormFirst ? sum : Norm(sum, layout.AttentionNorm);
            var up = Linear(layout.NormFirst ? Norm(y, layout.OutputNorm) : y, layout.Up, _config.Intermediate, layout.InputsFirst).Select(Activation).ToArray();
            var left = Plus(Linear(up, layout.Down, _config.Hidden, layout.InputsFirst), y);
            return layout.NormFirst ? left : Norm(left, layout.OutputNorm);
        })];
    }

    private double[] Linear(double[] row, string name, int width, bool inputsFirst)
    {
        var weight = inputsFirst ? model.Weight($"{name}.weight", row.Length, width) : model.Weight($"{name}.weight", width, row.Length);
        var bias = model.Weight($"{name}.bias", width);
        var result = new double[width];
        for (var o = 0; o < width; o++)
        {
            result[o] = bias[o];
            for (var i = 0; i < row.Length; i++)
                result[o] += row[i] * weight[inputsFirst ? (i * width) + o : (o * row.Length) + i];
        }

        return result;
    }

    private double[] Norm(double[] row, string name)
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + _config.LayerNormEpsilon);
        var scale = model.Weight($"{name}.weight", row.Length).ToArray();
        var shift = model.Weight($"{name}.bias", row.Length).ToArray();
        return [.. row.Select((v, i) => ((v - mean) / deviation * scale[i]) + shift[i])];
    }

    private double Activation(double x) => _config.Activation switch
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

    private static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
