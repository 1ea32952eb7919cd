namespace AttentionServer.Studies.Statistics;

/// <summary>
/// A test of paired differences by turning their signs around at random, as they could have come out if the change did nothing (Fisher 1935, The
/// Design of Experiments, §21). Exact for differences that are symmetric then, right for many examples otherwise.
/// </summary>
public static class SignFlips
{
    /// <summary>Two-sided p-values of each cell's mean over seeds; (1 + those at least as large) / (1 + flips) (Phipson and Smyth 2010), so never 0.</summary>
    public static double[] PValues(PairedSamples samples, int flips, int seed, CancellationToken cancellation = default)
    {
        var rows = Enumerable.Range(0, samples.Cells.Count).Select(samples.ExampleMeans).ToList();
        var sums = Resampling.Sums(rows, flips, seed, Resampling.Signs, cancellation);
        return
        [
            .. rows.Select((row, cell) =>
            {
                // Sums of 32-bit products differ in the last digits; equal ones must count as such.
                var size = Math.Abs(row.Sum()) * (1 - 1e-5);
                return (1.0 + sums.Count(s => Math.Abs(s[cell]) >= size)) / (1 + flips);
            }),
        ];
    }
}
