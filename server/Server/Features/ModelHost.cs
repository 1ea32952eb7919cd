using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Server.Features;

/// <summary>The model in memory: one at a time, opened when first needed, used by one request at a time.</summary>
public sealed class ModelHost(ExecutionSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _use = new(1, 1);
    private ServerOptions _options = new();
    private Model? _model;

    /// <summary>The name of the model in memory; null when there is none.</summary>
    public string? Loaded => _model?.Name;

    /// <summary>How models run.</summary>
    public ExecutionSettings Settings => settings with
    {
        Threads = _options.Threads ?? settings.Threads,
        Device = _options.Device is { Length: > 0 } device ? device : settings.Device,
        CudaPath = _options.CudaPath is { Length: > 0 } path ? path : settings.CudaPath,
    };

    /// <summary>Where the model in memory runs; where the next one would, when there is none.</summary>
    public DeviceChoice Device => _model is { } model && model.Settings == Settings ? model.Device : DeviceChoice.For(Settings);

    /// <summary>A model had to leave its device: the sentence for the user.</summary>
    public event Action<string>? DeviceLeft;

    /// <summary>The model used when a request names none; in a workspace that is not trusted, one of the bundled models.</summary>
    public string DefaultModel => _options.Model is { Length: > 0 } model && (_options.Trusted != false || new ModelCatalog().IsBundled(model)) ? model : ModelCatalog.DefaultModel;

    /// <summary>Whether the workspace may bring its own models and use the network.</summary>
    public bool Trusted => _options.Trusted != false;

    /// <summary>Takes new settings; they hold from the next model that is opened.</summary>
    public void Configure(ServerOptions options) => _options = options;

    /// <summary>Runs work on a model, which is opened first if another one, or none, is in memory.</summary>
    public async Task<T> UseAsync<T>(string? name, Func<Model, T> work, CancellationToken cancellation)
    {
        await _use.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Use(Open(name ?? DefaultModel), work), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _use.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _use.Wait();
        _model?.Dispose();
        _use.Dispose();
    }

    private T Use<T>(Model model, Func<Model, T> work)
    {
        var before = model.Device;
        try
        {
            return work(model);
        }
        finally
        {
            if (model.Device != before && model.Device.Notice is { } notice)
                DeviceLeft?.Invoke($"{model.Name}: {notice}");
        }
    }

    private Model Open(string name)
    {
        if (_model is { } current && current.Name == name && current.Settings == Settings)
            return current;
        var found = new ModelCatalog().Resolve(name);
        if (_options.Trusted == false && found.Source != "bundled")
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{name}': this workspace is not trusted, so only bundled models are opened: trust the workspace or choose {ModelCatalog.DefaultModel}");
        // Opened before the old one goes, so that a broken folder leaves the user with what worked.
        var opened = Model.Open(found.Name, found.Folder, Settings);
        _model?.Dispose();
        return _model = opened;
    }
}
