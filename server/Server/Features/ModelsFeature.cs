using AttentionServer.Models.Architectures;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Hub;
using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Features;

/// <summary>Which models there are, and how they come and go.</summary>
public sealed class ModelsFeature(LanguageServer server, ModelHost models, TrainingFeature training)
{
    /// <summary>Registers the requests.</summary>
    public void Register()
    {
        var json = ProtocolJson.Default;
        server.OnRequest("attention/models", LspJson.Default.Nothing, json.ModelItemArray, (_, cancellation) => Task.Run(() => new ModelCatalog().List().Select(Item).ToArray(), cancellation));
        server.OnRequest("attention/downloadModel", json.DownloadModelParams, json.ModelItem, DownloadAsync);
        server.OnRequest("attention/deleteModel", json.DeleteModelParams, json.DeletedModel, (given, cancellation) => Task.Run(() => Delete(given), cancellation));
    }

    private async Task<ModelItem> DownloadAsync(DownloadModelParams given, CancellationToken cancellation)
    {
        if (!models.Trusted)
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{given.Model}': this workspace is not trusted, so nothing is downloaded: trust the workspace first");
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, $"Downloading {given.Model}", cancellation).ConfigureAwait(false);
        var settings = HubSettings.FromEnvironment();
        await Task.Run(() => new HubDownload(settings).RunAsync(given.Model, new Steps(progress), progress.Token), progress.Token).ConfigureAwait(false);
        return Item(new ModelCatalog().Resolve(given.Model));
    }

    private DeletedModel Delete(DeleteModelParams given)
    {
        if (models.Loaded == given.Model)
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{given.Model}': it is in use: select another model first");
        if (training.IsAtWork(new ModelCatalog().Resolve(given.Model).Folder))
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{given.Model}': it is being trained: stop the training first");
        return new() { Freed = Size(new ModelCatalog().Delete(given.Model)) };
    }

    private static ModelItem Item(ModelInfo model) => new()
    {
        Name = model.Name,
        Source = model.Source,
        Detail = model.Summary,
        Architecture = ArchitectureRegistry.TitleOf(model.Architecture) ?? model.Architecture,
        Head = model.Head,
        Size = Size(model.Bytes),
        Folder = model.Folder,
        CanDelete = model.Source is "cached" or "trained",
        Unfinished = model.Unfinished,
        Problem = model.Problem,
    };

    private static string Size(long bytes) => bytes >= 1_000_000_000 ? $"{bytes / 1e9:0.0} GB" : $"{Math.Max(1, bytes / 1e6):0} MB";

    private sealed class Steps(WorkDoneProgress progress) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => progress.Report($"{value}", value.Total > 0 ? (int)(100 * value.Done / value.Total) : null);
    }
}
