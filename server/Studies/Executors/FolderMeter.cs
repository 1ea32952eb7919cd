using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>Progress of a run whose cells others compute, seen by looking at the folder.</summary>
internal sealed class FolderMeter
{
    private readonly RunFolder _run;
    private readonly IReadOnlyList<PlannedCell> _plan;
    private readonly ProgressMeter _meter;

    public FolderMeter(RunFolder run, IReadOnlyList<PlannedCell> plan)
    {
        (_run, _plan) = (run, plan);
        var (done, cost) = run.CountDone(plan);
        _meter = new(plan, done, cost);
    }

    public RunProgress Look()
    {
        var (done, cost) = _run.CountDone(_plan);
        return _meter.At(done, cost);
    }
}
