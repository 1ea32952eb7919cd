using AttentionServer.Studies.Zones;

namespace AttentionServer.Studies.Runs;

/// <summary>The kinds of study there are, by name.</summary>
public sealed class StudyRegistry(params IReadOnlyList<IStudy> studies)
{
    /// <summary>The product's studies. A new kind is one line here.</summary>
    public static StudyRegistry Default { get; } = new(new ZoneSweepStudy());

    /// <summary>All of them.</summary>
    public IReadOnlyList<IStudy> All => studies;

    /// <summary>The study of that name; null when there is none.</summary>
    public IStudy? TryFind(string name) => studies.FirstOrDefault(s => s.Name == name);

    /// <summary>The study of a run, which this program may not know.</summary>
    public IStudy Of(RunFolder run) => TryFind(run.Manifest.Study)
        ?? throw new RunException($"run: {run.Path}: there is no study '{run.Manifest.Study}' in this program: {(studies.Count == 0 ? "use the program that started it" : $"it knows {string.Join(", ", studies.Select(s => s.Name))}")}");
}
