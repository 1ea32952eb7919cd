using AttentionServer.Engine;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// A kind of run. A study knows from a manifest alone which cells there are, so that a worker on another machine makes the same plan, and
/// how to compute them.
/// </summary>
public interface IStudy
{
    /// <summary>The name that stands in manifests and on the command line.</summary>
    string Name { get; }

    /// <summary>Properties of a cell's key that tables show, in the order of columns: model, layer, zone, …</summary>
    IReadOnlyList<string> Dimensions { get; }

    /// <summary>Columns of numbers that tables show the mean of, in this order.</summary>
    IReadOnlyList<string> Measures { get; }

    /// <summary>All cells of the run, in the order in which they should be computed. The same manifest gives the same plan everywhere.</summary>
    IReadOnlyList<PlannedCell> Plan(RunManifest manifest);

    /// <summary>What the run depends on as it is now, to be compared with what the manifest says.</summary>
    IReadOnlyDictionary<string, string> Fingerprints(RunManifest manifest, CancellationToken cancellation);

    /// <summary>Opens model and data once, for many cells.</summary>
    IStudySession Open(RunManifest manifest, ExecutionSettings settings, CancellationToken cancellation);
}

/// <summary>An open study, which computes cells.</summary>
public interface IStudySession : IDisposable
{
    /// <summary>Computes cells of one group. Looks at the token at least every 200 ms; hands out each cell as soon as it is finished.</summary>
    IEnumerable<FinishedCell> Execute(IReadOnlyList<PlannedCell> cells, CancellationToken cancellation);
}
