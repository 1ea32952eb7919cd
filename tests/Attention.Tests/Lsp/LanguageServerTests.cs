using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Tests.Lsp;

/// <summary>The life of a language server, its documents, commands and settings.</summary>
public class LanguageServerTests
{
    private const string Opened = """{"textDocument":{"uri":"file:///a","languageId":"plaintext","version":1,"text":"one\r\ntwo"}}""";

    [Fact]
    public async Task SaysWhatItCanDo()
    {
        await using var editor = new Editor();
        editor.Server.OnCommand("attention.do", (_, _) => Task.CompletedTask);
        var result = (await editor.Start().RequestAsync("initialize", """{"processId":null,"clientInfo":{"name":"x","version":"1"},"rootUri":null,"capabilities":{},"trace":"off"}""")).GetProperty("result");
        var can = result.GetProperty("capabilities");
        Assert.Equal("""{"openClose":true,"change":2}""", can.GetProperty("textDocumentSync").GetRawText());
        Assert.Equal("utf-16", can.GetProperty("positionEncoding").GetString());
        Assert.Equal("""{"commands":["attention.do"]}""", can.GetProperty("executeCommandProvider").GetRawText());
        Assert.Equal("attention", result.GetProperty("serverInfo").GetProperty("name").GetString());
    }

    [Fact]
    public async Task RefusesWhatComesAtTheWrongTime()
    {
        await using var editor = new Editor();
        editor.Start();
        Assert.Equal(RpcErrorCode.ServerNotInitialized, await editor.CodeAsync("textDocument/hover", "{}"));
        Assert.Equal(RpcErrorCode.ServerNotInitialized, await editor.CodeAsync("shutdown", "null"));
        await editor.NotifyAsync("textDocument/didOpen", Opened);
        await editor.RequestAsync("initialize", """{"capabilities":{}}""");
        Assert.Null(editor.Server.Documents.Find("file:///a"));
        Assert.Equal(RpcErrorCode.InvalidRequest, await editor.CodeAsync("initialize", """{"capabilities":{}}"""));
        Assert.Equal(RpcErrorCode.MethodNotFound, await editor.CodeAsync("textDocument/rename", "{}"));
        await editor.RequestAsync("shutdown", "null");
        Assert.Equal(RpcErrorCode.InvalidRequest, await editor.CodeAsync("textDocument/hover", "{}"));
        Assert.Equal(RpcErrorCode.InvalidRequest, await editor.CodeAsync("shutdown", "null"));
    }

    [Fact]
    public async Task AnswersEvenAClientThatWaitsForNothing()
    {
        await using var editor = new Editor();
        editor.Start();
        var initialize = await editor.SendAsync("initialize", """{"capabilities":{}}""");
        await editor.NotifyAsync("initialized", "{}");
        await editor.NotifyAsync("textDocument/didOpen", Opened);
        var shutdown = await editor.SendAsync("shutdown", "null");
        await editor.NotifyAsync("exit", "null");
        Assert.True((await editor.NextAsync(initialize)).TryGetProperty("result", out _));
        Assert.Equal("null", (await editor.NextAsync(shutdown)).GetProperty("result").GetRawText());
        Assert.Equal(0, await editor.Exit);
    }

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 0)]
    public async Task ExitsWithZeroOnlyAfterShutdown(bool initialize, bool shutdown, int code)
    {
        await using var editor = new Editor();
        if (initialize)
            await editor.InitializeAsync();
        else
            editor.Start();
        if (shutdown)
            await editor.RequestAsync("shutdown", "null");
        await editor.NotifyAsync("exit", "null");
        Assert.Equal(code, await editor.Exit.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task FollowsTheDocuments()
    {
        await using var editor = await new Editor().InitializeAsync();
        var server = editor.Server;
        await editor.NotifyAsync("textDocument/didOpen", Opened);
        await editor.NotifyAsync("textDocument/didChange", """{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":3}},"rangeLength":3,"text":"2\ud83d"}]}""");
        await editor.NotifyAsync("textDocument/didSave", """{"textDocument":{"uri":"file:///a"}}""");
        await editor.RequestAsync("textDocument/none", "{}");
        Assert.Equal(("one\r\n2\ufffd", 2), (server.Documents.Find("file:///a")!.Text, server.Documents.Find("file:///a")!.Version));
        await editor.NotifyAsync("textDocument/didClose", """{"textDocument":{"uri":"file:///a"}}""");
        await editor.RequestAsync("textDocument/none", "{}");
        Assert.Null(server.Documents.Find("file:///a"));
    }

    [Theory]
    [InlineData("textDocument/didOpen", """{"textDocument":{"uri":"file:///b"}}""", "version")]
    [InlineData("textDocument/didOpen", "{}", "textDocument")]
    [InlineData("textDocument/didChange", """{"textDocument":{"uri":"file:///a","version":2}}""", "contentChanges")]
    [InlineData("textDocument/didChange", """{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"text":"x","range":{"start":{"line":0}}}]}""", "character")]
    [InlineData("textDocument/didClose", """{"textDocument":{}}""", "uri")]
    public async Task LogsAMessageThatLacksAMember(string method, string parameters, string says)
    {
        await using var editor = await new Editor().InitializeAsync();
        await editor.NotifyAsync("textDocument/didOpen", Opened);
        await editor.NotifyAsync(method, parameters);
        var line = (await editor.NextAsync("window/logMessage")).GetProperty("params").GetProperty("message").GetString();
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.Equal("one\r\ntwo", editor.Server.Documents.Find("file:///a")!.Text);
    }

    [Fact]
    public async Task WarnsInTheLogOfAChangeThatDoesNotFollow()
    {
        await using var editor = await new Editor().InitializeAsync();
        await editor.NotifyAsync("textDocument/didChange", """{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[]}""");
        Assert.Equal(
            """{"type":2,"message":"file:///a was edited but is not open: the edit is ignored"}""",
            (await editor.NextAsync("window/logMessage")).GetProperty("params").GetRawText());
    }

    [Fact]
    public async Task CarriesOutCommands()
    {
        await using var editor = new Editor();
        var done = "";
        editor.Server.OnCommand("attention.do", (given, _) =>
        {
            done = given.Arguments![0].GetString();
            return Task.CompletedTask;
        });
        await editor.InitializeAsync();
        Assert.Equal("null", (await editor.RequestAsync("workspace/executeCommand", """{"command":"attention.do","arguments":["this"]}""")).GetProperty("result").GetRawText());
        Assert.Equal("this", done);
        Assert.Equal(RpcErrorCode.InvalidParams, await editor.CodeAsync("workspace/executeCommand", """{"command":"attention.undo"}"""));
        Assert.Equal(RpcErrorCode.InvalidParams, await editor.CodeAsync("workspace/executeCommand", "{}"));
    }

    [Fact]
    public async Task TakesSettingsAtTheStartAndLater()
    {
        await using var editor = new Editor();
        var models = new List<string?>();
        editor.Server.Configured += options => models.Add(options.Model);
        await editor.Start().RequestAsync("initialize", """{"capabilities":{},"initializationOptions":{"model":"a","other":{}}}""");
        await editor.NotifyAsync("workspace/didChangeConfiguration", """{"settings":{"model":"b"}}""");
        await editor.NotifyAsync("workspace/didChangeConfiguration", """{"settings":null}""");
        await editor.NotifyAsync("workspace/didChangeConfiguration", """{"settings":{"model":5}}""");
        await editor.RequestAsync("textDocument/none", "{}");
        Assert.Equal(["a", "b", null], models);
    }

    [Fact]
    public async Task TellsAUserWhatTheyCanMend()
    {
        await using var editor = new Editor();
        editor.Server.OnRequest("fail", LspJson.Default.Nothing, LspJson.Default.Nothing, (_, _) => throw new Mendable("plug it in"));
        await editor.InitializeAsync();
        Assert.Equal("""{"code":-32803,"message":"plug it in"}""", (await editor.RequestAsync("fail", "{}")).GetProperty("error").GetRawText());
    }

    private sealed class Mendable(string message) : UserException(message);
}
