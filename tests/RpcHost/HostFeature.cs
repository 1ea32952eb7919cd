using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Tests.RpcHost;

/// <summary>The requests of the protocol tests.</summary>
internal sealed class HostFeature(LanguageServer server)
{
    public void Register()
    {
        var json = HostJson.Default;
        server.OnRequest("test/echo", json.EchoMessage, json.EchoMessage, (given, _) => Task.FromResult(given));
        server.OnRequest("test/slow", json.SlowParams, json.WorkResult, SlowAsync);
        server.OnRequest("test/fail", json.FailParams, json.WorkResult, FailAsync);
        server.OnRequest("test/work", json.WorkParams, json.WorkResult, WorkAsync);
        server.OnRequest("test/document", json.DocumentParams, json.DocumentResult, (given, _) => Task.FromResult(Document(given)));
        server.OnRequest("test/memory", LspJson.Default.Nothing, json.MemoryResult, (_, _) => Task.Run(Memory));
        server.OnNotification("test/say", json.EchoMessage, given => server.Notify("test/said", given, json.EchoMessage));
        server.OnCommand("test.log", (given, _) =>
        {
            server.Log(given.Arguments![0].GetString()!);
            return Task.CompletedTask;
        });
    }

    private static async Task<WorkResult> SlowAsync(SlowParams given, CancellationToken cancellation)
    {
        await Task.Delay(given.Milliseconds, cancellation).ConfigureAwait(false);
        return new(1);
    }

    private static Task<WorkResult> FailAsync(FailParams given, CancellationToken cancellation) => throw given.How switch
    {
        "user" => new HostException("there is no such thing: give another name"),
        "modified" => new LocalRpcException(RpcErrorCode.ContentModified, "the document was edited meanwhile"),
        _ => new InvalidOperationException("a defect\nin two lines"),
    };

    private async Task<WorkResult> WorkAsync(WorkParams given, CancellationToken cancellation)
    {
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Working", cancellation).ConfigureAwait(false);
        for (var step = 1; step <= given.Steps; step++)
        {
            await Task.Delay(given.MillisecondsEach, progress.Token).ConfigureAwait(false);
            progress.Report($"step {step}", 100 * step / given.Steps);
        }

        return new(given.Steps);
    }

    private DocumentResult Document(DocumentParams given)
    {
        var document = server.Documents.Find(given.Uri);
        return new(document?.Text, document?.Version);
    }

    private static MemoryResult Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new(GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, Environment.WorkingSet);
    }

    private sealed class HostException(string message) : UserException(message);
}
