using AttentionServer.Models.Architectures;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>Looks into a folder without loading it: configuration and tensor headers.</summary>
internal static class ModelInspector
{
    public static ModelInfo Inspect(string name, string source, string folder)
    {
        var card = Path.Combine(folder, "README.md");
        var info = new ModelInfo { Name = name, Source = source, Folder = folder, Card = File.Exists(card) ? card : null };
        try
        {
            using var checkpoint = Checkpoint.Open(folder);
            var architecture = ArchitectureRegistry.For(checkpoint);
            var config = checkpoint.Config;
            var stored = checkpoint.Stored;
            return info with
            {
                Architecture = config.ModelType,
                Head = architecture.HeadOf(checkpoint)?.Title() ?? "",
                Layers = config.Layers,
                Heads = config.Heads,
                Hidden = config.Hidden,
                Parameters = stored.Sum(t => t.Length / t.Type.Size()),
                Bytes = stored.Sum(t => t.Length),
                StoredAs = stored.GroupBy(t => t.Type).OrderByDescending(g => g.Sum(t => t.Length)).FirstOrDefault()?.Key.Name() ?? "",
            };
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException)
        {
            return info with { Problem = e.Message };
        }
    }
}
