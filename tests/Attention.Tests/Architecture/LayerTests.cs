using System.Text.RegularExpressions;

namespace AttentionServer.Tests.Architecture;

/// <summary>The arrows of docs/ARCHITECTURE.md: a layer uses only the layers listed before it.</summary>
public partial class LayerTests
{
    private static readonly string[] Order = ["Graphs", "Text", "Models", "Engine", "Methods", "Training", "Studies", "Rpc", "Server", "Cli"];

    public static TheoryData<string> Layers => [.. Order];

    [Theory, MemberData(nameof(Layers))]
    public void A_layer_names_no_layer_after_it(string layer)
    {
        var later = Order.SkipWhile(l => l != layer).Skip(1).ToList();
        var wrong = from file in Sources(layer)
                    from line in File.ReadLines(file)
                    from used in UsedLayers(line)
                    where later.Contains(used)
                    select $"{Path.GetRelativePath(Golden.Root, file)}: {line.Trim()}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_of_the_server_is_a_layer_or_the_binding()
    {
        var folders = Directory.GetDirectories(Path.Combine(Golden.Root, "server")).Select(f => Path.GetFileName(f)!);
        Assert.Equal(Order.Append("OnnxRuntime").Order(), folders.Where(f => f is not ("bin" or "obj")).Order());
    }

    [Fact]
    public void Text_and_graphs_do_not_know_each_other()
    {
        Assert.DoesNotContain(Sources("Text").SelectMany(File.ReadLines).SelectMany(UsedLayers), used => used == "Graphs");
    }

    [Fact]
    public void Rpc_references_no_project_and_knows_nothing_of_attention()
    {
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Path.Combine(Golden.Root, "server", "Rpc", "Attention.Rpc.csproj")), StringComparison.Ordinal);
        var wrong = from file in Sources("Rpc")
                    from line in File.ReadLines(file)
                    where line.Replace("AttentionServer", "", StringComparison.Ordinal).Contains("attention", StringComparison.OrdinalIgnoreCase)
                    select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_the_engine_and_its_callers_below_it_touch_onnx_runtime()
    {
        var allowed = new[] { "Engine", "Cli" };
        var wrong = from layer in Order.Except(allowed)
                    from file in Sources(layer)
                    where File.ReadAllText(file).Contains("Microsoft.ML.OnnxRuntime;", StringComparison.Ordinal)
                    select Path.GetRelativePath(Golden.Root, file);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_extension_has_no_arithmetic_on_scores()
    {
        // Scores are computed by the server and coloured by the views; the extension host only carries them along.
        var wrong = from file in Directory.EnumerateFiles(Path.Combine(Golden.Root, "attention-vscode"), "*.ts", SearchOption.AllDirectories)
                    from line in File.ReadLines(file)
                    where ScoreWords().IsMatch(line)
                    select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Source_files_stay_short_enough_to_be_one_thing()
    {
        var roots = new[] { "server", "media", "attention-vscode", "tests/Attention.Tests" };
        var wrong = from root in roots
                    from file in Directory.EnumerateFiles(Path.Combine(Golden.Root, root), "*", SearchOption.AllDirectories)
                    where file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".ts", StringComparison.Ordinal)
                    let lines = File.ReadLines(file).Count()
                    where lines > 450
                    select $"{Path.GetRelativePath(Golden.Root, file)}: {lines} lines";
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Sources(string layer) =>
        Directory.EnumerateFiles(Path.Combine(Golden.Root, "server", layer), "*.cs", SearchOption.AllDirectories);

    private static IEnumerable<string> UsedLayers(string line) => LayerName().Matches(line).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\bAttentionServer\.([A-Z]\w+)")]
    private static partial Regex LayerName();

    [GeneratedRegex(@"Float32Array|Math\.(exp|log|max|min|sqrt|pow)\b|softmax|\.reduce\(", RegexOptions.IgnoreCase)]
    private static partial Regex ScoreWords();
}
