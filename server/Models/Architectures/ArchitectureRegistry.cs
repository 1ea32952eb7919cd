using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>The architectures that can be composed; a new one is a file and a line here.</summary>
public static class ArchitectureRegistry
{
    private static readonly Architecture[] All =
    [
        new Bert(),
        new Roberta(),
        new DistilBert(),
        new Electra(),
        new Albert(),
        new Gpt2(),
    ];

    /// <summary>The architecture of a checkpoint, by config.json's model_type.</summary>
    public static Architecture For(Checkpoint checkpoint) =>
        All.FirstOrDefault(a => a.ModelTypes.Contains(checkpoint.Config.ModelType))
        ?? throw new CheckpointException(
            $"model_type '{checkpoint.Config.ModelType}': {checkpoint.Folder}/config.json: supported are {string.Join(", ", All.SelectMany(a => a.ModelTypes))}");
}
