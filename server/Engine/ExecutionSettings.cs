namespace AttentionServer.Engine;

/// <summary>How models run: which device and how many threads.</summary>
public sealed record ExecutionSettings
{
    /// <summary>auto, cpu, cuda, cuda:1, …</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of one model run; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes that a method may take at once; 0 for half of what the machine, or the container, has.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>The number of bytes really allowed.</summary>
    public long EffectiveMemoryLimit => MemoryLimit > 0 ? MemoryLimit : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>The number of threads really used.</summary>
    public int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
