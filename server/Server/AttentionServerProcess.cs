using AttentionServer.Engine;
using AttentionServer.Methods.Analyses;
using AttentionServer.Server.Features;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Server;

/// <summary>The server as a process: its features put together on a pair of streams.</summary>
public static class AttentionServerProcess
{
    /// <summary>Serves until the client is done or gone; returns the exit code.</summary>
    public static async Task<int> RunAsync(Stream input, Stream output, ExecutionSettings settings, AnalysisStore store)
    {
        await using var server = new LanguageServer(input, output);
        using var models = new ModelHost(settings);
        server.Configured += models.Configure;
        models.DeviceLeft += notice => server.Log(notice, LanguageServer.LogLevel.Warning);
        var texts = new AnalyzedTexts(server);
        new AnalysisFeature(server, models, texts, store).Register();
        new ZonesFeature(server, models, store).Register();
        new RunsFeature(server, models).Register();
        new HoverFeature(server, texts).Register();
        new StatusFeature(server, models).Register();
        var training = new TrainingFeature(server, models);
        training.Register();
        new ModelsFeature(server, models, training).Register();
        return await server.RunAsync().ConfigureAwait(false);
    }
}
