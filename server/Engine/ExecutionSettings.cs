namespace AttentionServer.Engine;

/// <summary>How models run: which device and how many threads.</summary>
public sealed record ExecutionSettings
{
    /// <summary>auto, cpu, cuda, cuda:1, …</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of one model run; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>The number of threads really used.</summary>
    public int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
