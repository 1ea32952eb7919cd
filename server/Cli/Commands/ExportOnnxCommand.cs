using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Server;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models export-onnx</c>: the composed graph as a file for other tools.</summary>
internal static class ExportOnnxCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "A bundled name, a folder or a cached Hub id" };
    private static readonly Option<string> Output = new("--output", "-o") { Description = "FILE.onnx; the weights go to FILE.onnx.data beside it", Required = true };
    private static readonly Option<string?> With = new("--with") { Description = "What the graph returns besides the head's logits: attentions,qkv,hidden,sums or all", DefaultValueFactory = _ => "attentions" };

    public static Command Create()
    {
        var command = new Command("export-onnx", "Save a model's graph with attention as an output (opens in Netron)") { Name, Output, With };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var output = arguments.GetValue(Output)!;
        if (Path.GetExtension(output) != ".onnx")
            throw new CliException($"--output {output}: command line: the name must end in .onnx");
        using var model = terminal.While("Opening the model", () => ModelOpener.Open(arguments.GetValue(Name)!, GlobalOptions.Settings(arguments)));
        var spec = Spec(arguments.GetValue(With) ?? "") with { Head = model.Head };
        var bytes = terminal.While("Writing the graph", () => OnnxExport.Write(output, model, spec, cancellation));
        if (terminal.Json)
            Console.Out.WriteLine($$"""{"output": "{{System.Text.Json.JsonEncodedText.Encode(output)}}", "bytes": {{bytes}}}""");
        else
            terminal.Note($"{output} ({bytes / 1e6:0} MB with its weights)");
        return 0;
    }

    private static GraphSpec Spec(string list)
    {
        var spec = new GraphSpec();
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            spec = name switch
            {
                "attentions" => spec with { Attentions = true },
                "qkv" => spec with { QueriesKeysValues = true },
                "hidden" => spec with { HiddenStates = true },
                "sums" => spec with { BlockSums = true },
                "all" => spec with { Attentions = true, QueriesKeysValues = true, HiddenStates = true, BlockSums = true },
                _ => throw new CliException($"--with {name}: command line: use attentions, qkv, hidden, sums or all"),
            };
        return spec;
    }
}
