namespace AttentionServer.Models.Checkpoints;

/// <summary>A mapped file that holds tensors, in whatever format.</summary>
internal interface ITensorFile : IDisposable
{
    /// <summary>The mapping.</summary>
    MappedFile File { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, StoredTensor> Tensors { get; }
}
