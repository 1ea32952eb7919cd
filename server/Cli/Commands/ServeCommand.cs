using System.CommandLine;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention serve --stdio</c>: the language server.</summary>
internal static class ServeCommand
{
    private static readonly Option<bool> Stdio = new("--stdio") { Description = "Speak the language server protocol on standard input and output" };
    private static readonly Option<int> CacheMegabytes = new("--cache-mb") { Description = "How much the cache of analyses may hold", DefaultValueFactory = _ => 1024 };

    public static Command Create()
    {
        var command = new Command("serve", "Run the language server for an editor") { Stdio, CacheMegabytes };
        command.SetAction(async (arguments, _) =>
        {
            if (!arguments.GetValue(Stdio))
                throw new CliException("serve: command line: say how to talk to it: --stdio");
            // Standard output carries the protocol and nothing else.
            var output = Console.OpenStandardOutput();
            Console.SetOut(Console.Error);
            return await Server.AttentionServerProcess.RunAsync(
                Console.OpenStandardInput(),
                output,
                GlobalOptions.Settings(arguments),
                GlobalOptions.Store(arguments, arguments.GetValue(CacheMegabytes) * (1L << 20))).ConfigureAwait(false);
        });
        return command;
    }
}
