namespace AttentionServer.Methods.Heads;

/// <summary>
/// Heads in a tree, those that look alike joined first: average linkage (Sokal and Michener 1958) on distances of heads. A row for
/// each join: the two that are joined, at which distance, and how many heads are then together. Heads are numbered l·H + h, what
/// the k-th join makes has the number LH + k.
/// </summary>
public sealed class HeadTree : Method
{
    /// <inheritdoc/>
    public override string Id => "head_tree";

    /// <inheritdoc/>
    public override string Title => "Tree of heads";

    /// <inheritdoc/>
    public override string Group => "Heads";

    /// <inheritdoc/>
    public override string Formula => "average linkage of js_heads";

    /// <inheritdoc/>
    public override string Paper => "Sokal and Michener 1958; Clark et al. 2019";

    /// <inheritdoc/>
    public override string Reading => "Heads that are joined low down look at the same places in this text.";

    /// <inheritdoc/>
    public override string Caution => "A tree makes groups of anything: where joins are equally high, the groups say little.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.HeadTree;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => ["js_heads"];

    /// <inheritdoc/>
    public override string? NotDefinedFor(Engine.Model model) => model.Config.Layers * model.Config.Heads < 2 ? "the model has one head only" : null;

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var count = run.Model.Config.Layers * run.Model.Config.Heads;
        var joins = Join(Array.ConvertAll(run.Of("js_heads").Values.ToArray(), d => (double)d), count, cancellation);
        return new(Axes, new(joins, count - 1, 4));
    }

    /// <summary>The joins of so many things by their distances.</summary>
    internal static float[] Join(double[] distances, int count, CancellationToken cancellation)
    {
        // What stands in a row and column: a head or what was joined into it; a joined one's partner is gone.
        var apart = (double[])distances.Clone();
        var names = Enumerable.Range(0, count).ToArray();
        var sizes = Enumerable.Repeat(1, count).ToArray();
        var there = Enumerable.Range(0, count).ToList();
        var joins = new float[(count - 1) * 4];
        for (var join = 0; join < count - 1; join++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (a, b) = Nearest(apart, count, there);
            var (first, second) = names[a] < names[b] ? (a, b) : (b, a);
            (joins[join * 4], joins[(join * 4) + 1], joins[(join * 4) + 2], joins[(join * 4) + 3]) = (names[first], names[second], (float)apart[(a * count) + b], sizes[a] + sizes[b]);
            foreach (var other in there)
                apart[(a * count) + other] = apart[(other * count) + a] = ((sizes[a] * apart[(a * count) + other]) + (sizes[b] * apart[(b * count) + other])) / (sizes[a] + sizes[b]);
            there.Remove(b);
            (names[a], sizes[a]) = (count + join, sizes[a] + sizes[b]);
        }

        return joins;
    }

    private static (int A, int B) Nearest(double[] apart, int count, List<int> there)
    {
        var (best, pair) = (double.PositiveInfinity, (there[0], there[1]));
        for (var i = 0; i < there.Count; i++)
            for (var j = i + 1; j < there.Count; j++)
                if (apart[(there[i] * count) + there[j]] < best)
                    (best, pair) = (apart[(there[i] * count) + there[j]], (there[i], there[j]));
        return pair;
    }
}
