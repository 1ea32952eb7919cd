using AttentionServer.Models.Catalog;

namespace AttentionServer.Studies.Runs;

/// <summary>What a list of runs says about one.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Manifest">What it is; null when the manifest cannot be read.</param>
/// <param name="Progress">How far it is; null when this program does not know the study, or can no longer make its plan.</param>
/// <param name="Cells">How many cells are finished.</param>
/// <param name="Working">How many groups of cells workers are at right now.</param>
/// <param name="Problem">Why there is no manifest or plan, in one sentence.</param>
public sealed record RunSummary(string Path, RunManifest? Manifest, RunProgress? Progress, int Cells, int Working, string? Problem);

/// <summary>Finds runs, and tells how far they are by looking at their folders only.</summary>
public static class RunCatalog
{
    /// <summary>Where runs go that are given no folder. ATTENTION_RUNS names another place.</summary>
    public static string DefaultFolder => UserData.FolderOf("runs", "ATTENTION_RUNS");

    /// <summary>The runs directly in a folder, newest first.</summary>
    public static IReadOnlyList<RunSummary> List(string folder, StudyRegistry studies) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateDirectories(folder).Where(RunFolder.Exists).Select(f => Describe(f, studies)).OrderByDescending(r => r.Manifest?.Created).ThenBy(r => r.Path, StringComparer.Ordinal)];

    /// <summary>One run; what is wrong with it is said, not thrown.</summary>
    public static RunSummary Describe(string path, StudyRegistry studies)
    {
        try
        {
            return Describe(RunFolder.Open(path), studies);
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
        {
            return new(path, null, null, 0, 0, e.Message);
        }
    }

    /// <summary>An open run.</summary>
    public static RunSummary Describe(RunFolder run, StudyRegistry studies)
    {
        var cells = run.CountFiles();
        var working = 0;
        if (Directory.Exists(run.ClaimsFolder))
            using (var claims = new Claims(run.ClaimsFolder, Claims.UsualExpiry))
                working = claims.CountAlive();
        try
        {
            return new(run.Path, run.Manifest, ProgressOf(run, studies.Of(run).Plan(run.Manifest), working > 0), cells, working, null);
        }
        catch (UserException e)
        {
            return new(run.Path, run.Manifest, null, cells, working, e.Message);
        }
    }

    /// <summary>
    /// How far a run is, seen from outside. While somebody works on it, the time left follows from when its last cells were written.
    /// </summary>
    public static RunProgress ProgressOf(RunFolder run, IReadOnlyList<PlannedCell> plan, bool working)
    {
        var (done, cost) = run.CountDone(plan);
        var total = plan.Sum(c => c.Cost);
        var left = done >= plan.Count ? TimeSpan.Zero : working && done > 1 ? run.RecentRate(plan) is > 0 and var rate ? TimeSpan.FromSeconds(Math.Min(1e9, (total - cost) / rate)) : null : (TimeSpan?)null;
        return new(done, plan.Count, cost, total, left);
    }
}
