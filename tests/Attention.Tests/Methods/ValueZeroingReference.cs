using AttentionServer.Engine;

namespace AttentionServer.Tests.Methods;

/// <summary>Value Zeroing as it is defined: for every token the values are zeroed in all heads, mixed, projected, and the rest of the block is run.</summary>
internal sealed class ValueZeroingReference(Model model, Trace trace) : BlockReference(model, trace)
{
    /// <summary>1 − cos(y_i, y_i¬j) of one layer [T,T].</summary>
    public double[] Distances(int layer)
    {
        var whole = BlockWithout(layer, -1);
        var distances = new double[Tokens * Tokens];
        for (var token = 0; token < Tokens; token++)
        {
            var without = BlockWithout(layer, token);
            for (var row = 0; row < Tokens; row++)
                distances[(row * Tokens) + token] = 1 - Cosine(whole[row], without[row]);
        }

        return distances;
    }

    private double[][] BlockWithout(int layer, int token)
    {
        var (layout, x, values) = (Layout(layer), Entering(layer), Values(layer));
        int size = Config.HeadSize, width = Config.Heads * size;
        if (token >= 0)
            values[token] = new double[width];
        return [.. x.Select((row, i) =>
        {
            var mixed = new double[width];
            for (var c = 0; c < width; c++)
                for (var j = 0; j < Tokens; j++)
                    mixed[c] += Trace.Attentions[layer].At(c / size, i)[j] * values[j][c];
            var sum = Plus(Linear(mixed, layout.Output, Config.Hidden, layout.InputsFirst), row);
            var y = layout.NormFirst ? sum : Norm(sum, layout.AttentionNorm);
            var up = Linear(layout.NormFirst ? Norm(y, layout.OutputNorm) : y, layout.Up, Config.Intermediate, layout.InputsFirst).Select(Activation).ToArray();
            var left = Plus(Linear(up, layout.Down, Config.Hidden, layout.InputsFirst), y);
            return layout.NormFirst ? left : Norm(left, layout.OutputNorm);
        })];
    }

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
