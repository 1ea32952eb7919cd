using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Tests.Lsp;

public class ProgressTests
{
    private const string Shown = """{"window":{"workDoneProgress":true}}""";

    [Fact]
    public async Task ReportsUnderTheClientsToken()
    {
        await using var editor = await With((_, progress) =>
        {
            progress.Report("half", 50);
            return Task.CompletedTask;
        }).InitializeAsync();
        var id = await editor.SendAsync("work", """{"command":"token"}""");
        Assert.Equal("""{"token":"token","value":{"kind":"begin","title":"Working","cancellable":true}}""", await ProgressAsync(editor));
        Assert.Equal("""{"token":"token","value":{"kind":"report","message":"half","percentage":50}}""", await ProgressAsync(editor));
        Assert.Equal("""{"token":"token","value":{"kind":"end"}}""", await ProgressAsync(editor));
        Assert.Equal(id, (await editor.NextAsync()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task CreatesATokenWhereTheClientShowsProgress()
    {
        await using var editor = await With((_, _) => Task.CompletedTask).InitializeAsync(Shown);
        var id = await editor.SendAsync("work", """{"command":""}""");
        var create = await editor.NextAsync("window/workDoneProgress/create");
        var token = create.GetProperty("params").GetProperty("token").GetString();
        await editor.AnswerAsync(create, "\"result\":null");
        Assert.Equal($$$"""{"token":"{{{token}}}","value":{"kind":"begin","title":"Working","cancellable":true}}""", await ProgressAsync(editor));
        Assert.Equal($$$"""{"token":"{{{token}}}","value":{"kind":"end"}}""", await ProgressAsync(editor));
        Assert.Equal(id, (await editor.NextAsync()).GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"window":null}""")]
    [InlineData("""{"window":{"workDoneProgress":false}}""")]
    public async Task WorksWithoutProgressWhereTheClientShowsNone(string capabilities)
    {
        await using var editor = await With((_, progress) =>
        {
            progress.Report("nobody sees this");
            return Task.CompletedTask;
        }).InitializeAsync(capabilities);
        var id = await editor.SendAsync("work", """{"command":""}""");
        Assert.Equal(id, (await editor.NextAsync()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task WorksOnWhenTheClientRefusesAToken()
    {
        await using var editor = await With((_, _) => Task.CompletedTask).InitializeAsync(Shown);
        var id = await editor.SendAsync("work", """{"command":""}""");
        await editor.AnswerAsync(await editor.NextAsync("window/workDoneProgress/create"), """ "error":{"code":-32601,"message":"no"}""");
        Assert.True((await editor.NextAsync()) is var answer && answer.GetProperty("id").GetInt32() == id && answer.TryGetProperty("result", out _));
    }

    [Theory]
    [InlineData("window/workDoneProgress/cancel", """{"token":"token"}""")]
    [InlineData("$/cancelRequest", """{"id":ID}""")]
    public async Task StopsTheWorkOnTheCancelButtonAndWithTheRequest(string method, string parameters)
    {
        await using var editor = await With((_, progress) => Task.Delay(Timeout.Infinite, progress.Token)).InitializeAsync();
        var id = await editor.SendAsync("work", """{"command":"token"}""");
        await ProgressAsync(editor);
        await editor.NotifyAsync(method, parameters.Replace("ID", $"{id}", StringComparison.Ordinal));
        Assert.Equal("""{"token":"token","value":{"kind":"end"}}""", await ProgressAsync(editor));
        var answer = await editor.NextAsync(id);
        Assert.Equal("""{"code":-32800,"message":"the request was cancelled"}""", answer.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task EndsTheProgressOfWorkThatFails()
    {
        await using var editor = await With((_, _) => throw new LocalRpcException(RpcErrorCode.RequestFailed, "no")).InitializeAsync();
        var id = await editor.SendAsync("work", """{"command":"token"}""");
        await ProgressAsync(editor);
        Assert.Equal("""{"token":"token","value":{"kind":"end"}}""", await ProgressAsync(editor));
        Assert.Equal("""{"code":-32803,"message":"no"}""", (await editor.NextAsync(id)).GetProperty("error").GetRawText());
        await editor.NotifyAsync("window/workDoneProgress/cancel", """{"token":"token"}""");
        await editor.NotifyAsync("window/workDoneProgress/cancel", """{"token":5}""");
        Assert.Equal(RpcErrorCode.MethodNotFound, await editor.CodeAsync("still/here", "{}"));
    }

    [Fact]
    public async Task KeepsStepsToItselfWhileTheClientDoesNotRead()
    {
        const int steps = 5000;
        var message = new string('x', 10_000);
        var worked = new TaskCompletionSource();
        await using var editor = await With((_, progress) =>
        {
            for (var step = 0; step < steps; step++)
                progress.Report(message);
            worked.SetResult();
            return Task.CompletedTask;
        }).InitializeAsync();
        await editor.SendAsync("work", """{"command":"token"}""");
        await worked.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var (bytes, ended) = (0L, false);
        while (await editor.NextAsync() is var next && next.TryGetProperty("method", out _))
        {
            bytes += next.GetRawText().Length;
            ended = next.GetProperty("params").GetProperty("value").GetProperty("kind").GetString() == "end";
        }

        Assert.True(ended);
        Assert.InRange(bytes, 1 << 20, 2 * Outbox.Bound);
        Assert.Equal(RpcErrorCode.MethodNotFound, await editor.CodeAsync("still/here", "{}"));
    }

    /// <summary>An editor whose server answers "work": the command is the client's token.</summary>
    private static Editor With(Func<ExecuteCommandParams, WorkDoneProgress, Task> work)
    {
        var editor = new Editor();
        editor.Server.OnRequest("work", LspJson.Default.ExecuteCommandParams, LspJson.Default.Nothing, async (given, cancellation) =>
        {
            using var progress = await editor.Server.BeginProgressAsync(given.Command.Length > 0 ? given.Command : null, "Working", cancellation);
            await work(given, progress);
            return new Nothing();
        });
        return editor;
    }

    private static async Task<string> ProgressAsync(Editor editor) => (await editor.NextAsync("$/progress")).GetProperty("params").GetRawText();
}
