namespace AttentionServer.Engine;

/// <summary>How models run: which device and how many threads.</summary>
public sealed record ExecutionSettings
{
    /// <summary>auto, cpu, cuda, cuda:1, coreml, directml or webgpu.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of one model run; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes that a method may take at once; 0 for half of what the machine, or the container, has.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>The number of bytes really allowed.</summary>
    public long EffectiveMemoryLimit => MemoryLimit > 0 ? MemoryLimit : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>The folder that holds ONNX Runtime's CUDA library; null for the one in ATTENTION_CUDA_PATH, or beside the program.</summary>
    public string? CudaPath { get; init; }

    /// <summary>The number of threads really used.</summary>
    public int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
