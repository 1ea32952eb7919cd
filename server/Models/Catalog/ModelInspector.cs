using AttentionServer.Models.Architectures;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>Looks into a folder without loading it: configuration and tensor headers.</summary>
internal static class ModelInspector
{
    public static ModelInfo Inspect(string name, string source, string folder)
    {
        var card = Path.Combine(folder, "README.md");
        var info = new ModelInfo { Name = name, Source = source, Folder = folder, Card = File.Exists(card) ? card : null, Unfinished = TrainedModels.IsUnfinished(folder) };
        if (info.Unfinished)
            return info with { Bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length), Problem = $"model '{name}': {folder}: its training is not finished: go on in the editor's Models view, or with 'attention train resume {name}'" };
        try
        {
            using var checkpoint = Checkpoint.Open(folder);
            var config = checkpoint.Config;
            var stored = checkpoint.Stored;
            // Kept even when the lines below find a reason why it cannot be used.
            info = info with
            {
                Architecture = config.ModelType,
                Layers = config.Layers,
                Heads = config.Heads,
                Hidden = config.Hidden,
                Parameters = stored.Sum(t => t.Count),
                Bytes = checkpoint.FileBytes,
                StoredAs = stored.GroupBy(t => t.Type).OrderByDescending(g => g.Sum(t => t.Count)).FirstOrDefault()?.Key.Name() ?? "",
            };
            var architecture = ArchitectureRegistry.For(checkpoint);
            var saved = architecture.HeadOf(checkpoint);
            var heads = ModelHeads.Of(checkpoint, saved, architecture.Heads);
            return info with
            {
                Problem = saved is { } head && !heads.Contains(head) ? MissingHead(folder, config) : null,
                Head = saved?.Title() ?? "",
                HeadIds = [.. heads.Select(h => h.Id())],
            };
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
        {
            return info with { Problem = e.Message };
        }
    }

    private static string MissingHead(string folder, ModelConfig config) =>
        $"config.json 'architectures': {folder}: it says {string.Join(", ", config.Architectures)} but the tensors of that head are missing: download the model again";
}
