namespace AttentionServer.Methods.Heads;

/// <summary>
/// What kind of places a head looks at (the surface patterns of Clark et al. 2019, §3): the mean share of attention that goes to the
/// token before, the token after, the token itself and the delimiters, and how evenly it is spread: mean entropy over ln T.
/// Rows of special tokens are left out. Where the text has no special tokens its first token is what takes unused attention.
/// </summary>
public sealed class HeadPatterns : Method
{
    /// <summary>The patterns, in the order of the last axis.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Previous token", "Next token", "Same token", "Delimiters", "Broad"];

    /// <inheritdoc/>
    public override string Id => "head_patterns";

    /// <inheritdoc/>
    public override string Title => "Patterns of heads";

    /// <inheritdoc/>
    public override string Group => "Heads";

    /// <inheritdoc/>
    public override string Formula => "meanᵢ Aᵢ,ᵢ₋₁ · Aᵢ,ᵢ₊₁ · Aᵢᵢ · Σ Aᵢ,delimiter · H(Aᵢ)/ln T";

    /// <inheritdoc/>
    public override string Paper => "Clark et al. 2019, What Does BERT Look At?";

    /// <inheritdoc/>
    public override string Reading => "A bright cell: on average this share of the head's attention goes there; Broad near 1: it goes everywhere alike.";

    /// <inheritdoc/>
    public override string Caution => "It is about places, not words, in this text; a head may have one pattern here and another elsewhere. Attention to delimiters often stands for none at all.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.HeadPatterns;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Parts => Names;

    /// <inheritdoc/>
    public override Engine.TraceRequest Needs => new() { Attentions = true };

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (layers, heads) = (run.Model.Config.Layers, run.Model.Config.Heads);
        var roles = run.Model.RolesIn(run.Input);
        bool[] special = run.Input.Special is { } given ? [.. given] : [.. run.Input.Ids.Select(id => roles.Special.Contains(id))];
        var shares = new float[layers * heads * Names.Count];
        Parallel.For(0, layers * heads, new ParallelOptions { CancellationToken = cancellation }, at =>
            Shares(run.Trace.Attentions[at / heads].At(at % heads), special, shares.AsSpan(at * Names.Count, Names.Count)));
        return new(Axes, new(shares, layers, heads, Names.Count));
    }

    /// <summary>The shares of one head's attention [T,T].</summary>
    internal static void Shares(ReadOnlySpan<float> attention, IReadOnlyList<bool> special, Span<float> shares)
    {
        var tokens = special.Count;
        int[] delimiters = [.. Enumerable.Range(0, tokens).Where(i => special[i])];
        if (delimiters.Length == 0)
            delimiters = [0];
        var rows = Enumerable.Range(0, tokens).Where(i => !special[i]).DefaultIfEmpty(0).ToArray();
        Span<double> sums = stackalloc double[Names.Count];
        foreach (var i in rows)
        {
            var row = attention.Slice(i * tokens, tokens);
            sums[0] += i > 0 ? row[i - 1] : 0;
            sums[1] += i < tokens - 1 ? row[i + 1] : 0;
            sums[2] += row[i];
            foreach (var j in delimiters)
                sums[3] += row[j];
            var entropy = 0.0;
            foreach (var p in row)
                entropy -= p > 0 ? p * Math.Log(p) : 0;
            sums[4] += tokens > 1 ? entropy / Math.Log(tokens) : 0;
        }

        for (var i = 0; i < sums.Length; i++)
            shares[i] = (float)(sums[i] / rows.Length);
    }
}
