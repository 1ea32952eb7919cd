using AttentionServer.Models;

namespace AttentionServer.Training;

/// <summary>The numbers that parameters start from.</summary>
internal static class Initialisation
{
    // BERT's authors start matrices with this spread. It suits rows of 768 numbers; narrow models learn nothing for thousands of
    // steps with it, so blocks trained from nothing start with 1/√(inputs), which keeps the size of what passes through.
    private const double Spread = 0.02;

    private const long Purpose = 1;

    /// <summary>Matrices around 0, biases 0, scales of normalisations 1; the same for the same seed and name.</summary>
    public static void Fill(Span<float> values, Parameter parameter, bool fromNothing, ModelConfig config, int seed)
    {
        if (parameter.Shape.Length == 1)
        {
            values.Fill(parameter.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0);
            return;
        }

        var random = new SeededRandom(Purpose, seed, Hash(parameter.Name));
        var isTable = parameter.Name.Contains("embeddings.", StringComparison.Ordinal) || parameter.Name.Contains(".wte.", StringComparison.Ordinal) || parameter.Name.Contains(".wpe.", StringComparison.Ordinal);
        var inputs = parameter.Shape[config.ModelType == "gpt2" ? 0 : 1];
        var spread = fromNothing && !isTable ? Math.Max(Spread, 1 / Math.Sqrt(inputs)) : Spread;
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.Normal() * spread);
    }

    /// <summary>The bias of word logits from counts: log frequencies, so that the first steps need not learn which words are common.</summary>
    public static void SetWordBias(Parameters parameters, IReadOnlyList<long> counts)
    {
        var bias = parameters.All.FirstOrDefault(p => p.Shape.Length == 1 && p.Count == counts.Count && p.Name.EndsWith(".bias", StringComparison.Ordinal));
        if (bias == null)
            return;
        var total = counts.Sum() + (double)counts.Count;
        var values = parameters.Of(bias);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Math.Log((counts[i] + 1) / total);
    }

    /// <summary>FNV-1a: equal on every run, unlike string.GetHashCode.</summary>
    private static long Hash(string name) => (long)name.Aggregate(0xCBF29CE484222325, (hash, c) => (hash ^ c) * 0x100000001B3);
}
