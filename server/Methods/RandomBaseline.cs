namespace AttentionServer.Methods;

/// <summary>
/// Seeded random rows that sum to 1: what a map looks like that knows nothing. A method that does not agree better with
/// blank-out than this one says nothing about the text at hand.
/// </summary>
public sealed class RandomBaseline : Method
{
    /// <inheritdoc/>
    public override string Id => "random";

    /// <inheritdoc/>
    public override string Title => "Random baseline";

    /// <inheritdoc/>
    public override string Group => "Baseline";

    /// <inheritdoc/>
    public override string Formula => "−ln u / row sum, u uniform: even over all rows that sum to 1";

    /// <inheritdoc/>
    public override string Paper => "none: a control";

    /// <inheritdoc/>
    public override string Reading => "A bright cell means nothing.";

    /// <inheritdoc/>
    public override string Caution => "It is here to be compared with.";

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var map = new ContextMap(run.Model.Config.Layers, run.Input.Length);
        // By the text, so that it is the same each time and another one for another text.
        var random = new Random(run.Input.Ids.Aggregate(17, (hash, id) => unchecked((hash * 31) + id)));
        for (var layer = 0; layer < map.Layers; layer++)
        {
            var scores = map.Layer(layer);
            for (var at = 0; at < scores.Length; at++)
                scores[at] = run.Model.Architecture.Causal && at % map.Tokens > at / map.Tokens ? 0 : (float)-Math.Log(1 - random.NextDouble());
            Matrices.NormaliseRows(scores, map.Tokens);
        }

        return map;
    }
}
