using AttentionServer.Server.Lsp;
using AttentionServer.Tests.RpcHost;

await using var server = new LanguageServer(Console.OpenStandardInput(), Console.OpenStandardOutput());
new HostFeature(server).Register();
return await server.RunAsync().ConfigureAwait(false);
