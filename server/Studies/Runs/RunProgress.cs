using System.Diagnostics;

namespace AttentionServer.Studies.Runs;

/// <summary>How far a run is: cells, their cost, and the time left where it can be told.</summary>
public sealed record RunProgress(int Done, int Total, double DoneCost, double TotalCost, TimeSpan? Left)
{
    /// <summary>From 0 to 1, by cost.</summary>
    public double Share => TotalCost > 0 ? DoneCost / TotalCost : 1;

    /// <summary>True when no cell is missing.</summary>
    public bool IsComplete => Done >= Total;

    /// <summary>The progress in words.</summary>
    public override string ToString() => $"{Done} of {Total} cells{(Left is { } left && !IsComplete ? $", {InWords(left)} left" : "")}";

    /// <summary>A span as people say it.</summary>
    public static string InWords(TimeSpan span) => span.TotalSeconds switch
    {
        < 1 => "less than a second",
        < 90 => $"{Math.Ceiling(span.TotalSeconds):0} s",
        < 5400 => $"{span.TotalMinutes:0} min",
        < 172800 => $"{span.TotalHours:0.#} h",
        _ => $"{span.TotalDays:0.#} days",
    };
}

/// <summary>Tells the time left from the cost done since it began to look; whoever did it.</summary>
internal sealed class ProgressMeter(IReadOnlyList<PlannedCell> plan, int doneBefore, double costBefore)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly double _total = plan.Sum(c => c.Cost);

    public RunProgress At(int done, double cost)
    {
        var gained = cost - costBefore;
        TimeSpan? left = done > doneBefore && gained > 0 ? _watch.Elapsed * Math.Min(1e6, (_total - cost) / gained) : null;
        return new(done, plan.Count, cost, _total, done >= plan.Count ? TimeSpan.Zero : left);
    }
}
