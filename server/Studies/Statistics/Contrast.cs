namespace AttentionServer.Studies.Statistics;

/// <summary>
/// One planned question about cells, such as whether the mean of P2Q and P2 is lower than that of Q2 and Q2P. A difference of means is a mean of differences,
/// so it is judged as one cell is, alone.
/// </summary>
public static class Contrast
{
    /// <summary>The mean of the first cells less the mean of the second ones. Negative: the first matter more, when masking hurts.</summary>
    public static InferenceTable Of(PairedSamples samples, string name, IReadOnlyList<int> first, IReadOnlyList<int> second, InferenceOptions options, CancellationToken cancellation = default)
    {
        if (first.Count == 0 || second.Count == 0)
            throw new ArgumentException("a contrast has cells on both sides", nameof(first));
        var weights = first.Select(c => (Cell: c, Weight: 1.0 / first.Count)).Concat(second.Select(c => (Cell: c, Weight: -1.0 / second.Count)))
            .GroupBy(w => w.Cell).ToDictionary(g => g.Key, g => g.Sum(w => w.Weight));
        return CellInference.Of(samples.Combine(name, weights), options, cancellation);
    }
}
