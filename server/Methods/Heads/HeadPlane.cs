namespace AttentionServer.Methods.Heads;

/// <summary>Heads in the plane, so that heads that look alike lie near each other: distances of heads by multidimensional scaling.</summary>
public sealed class HeadPlane(bool smacof) : Method
{
    /// <inheritdoc/>
    public override string Id => smacof ? "mds_smacof" : "mds_classical";

    /// <inheritdoc/>
    public override string Title => smacof ? "Heads in the plane (SMACOF)" : "Heads in the plane (classical)";

    /// <inheritdoc/>
    public override string Group => "Heads";

    /// <inheritdoc/>
    public override string Formula => smacof ? "min Σ (d − d̂)²" : "top 2 eigenvectors of −½ J D² J";

    /// <inheritdoc/>
    public override string Paper => smacof ? "de Leeuw 1977; Clark et al. 2019" : "Torgerson 1952";

    /// <inheritdoc/>
    public override string Reading => "Near each other: these heads look at the same places in this text.";

    /// <inheritdoc/>
    public override string Caution => "A plane cannot hold all distances: what lies near may be far in truth. The directions of the axes mean nothing.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.HeadPlane;

    /// <inheritdoc/>
    public override bool Signed => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => ["js_heads"];

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var distances = Array.ConvertAll(run.Of("js_heads").Values.ToArray(), d => (double)d);
        var count = run.Model.Config.Layers * run.Model.Config.Heads;
        var plane = smacof ? Scaling.Smacof(distances, count, cancellation).Plane : Scaling.Classical(distances, count);
        return new(Axes, new(Array.ConvertAll(plane, x => (float)x), count, 2));
    }
}
