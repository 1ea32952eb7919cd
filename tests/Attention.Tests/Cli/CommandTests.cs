using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Cli;

/// <summary>The terminal contract, on the built command itself.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-cli-").FullName;

    [Theory]
    [InlineData("bogus", 2, "see 'attention --help'")]
    [InlineData("analyze", 2, "give one of TEXT, --file or --ids")]
    [InlineData("analyze x --file y", 2, "give one of TEXT, --file or --ids")]
    [InlineData("analyze --file missing.txt", 2, "missing.txt: there is no such file")]
    [InlineData("analyze --ids 5,x", 2, "'x': command line: give whole numbers")]
    [InlineData("analyze --ids 5 --segments 0,1", 2, "2 segments for 1 ids")]
    [InlineData("analyze --ids 99999", 1, "vocabulary of 8192")]
    [InlineData("analyze x --model nowhere", 2, "'nowhere'")]
    [InlineData("analyze x --method guess", 2, "there is no such method: use attention_mean")]
    [InlineData("analyze x --method rolout", 2, "did you mean rollout")]
    [InlineData("anlyze x", 2, "did you mean analyze; see 'attention --help'")]
    [InlineData("analyze x y", 2, "put quotes around a text")]
    [InlineData("analyze x --metod y", 2, "did you mean --method")]
    [InlineData("analyze x --top many", 2, "as a whole number: command line: see 'attention analyze --help'")]
    [InlineData("analyze x --head-number 1", 2, "add --output NAME.svg or NAME.png")]
    [InlineData("analyze --file .", 2, "it is a folder")]
    [InlineData("train", 2, "say what to do: mlm, qa, classification, resume")]
    [InlineData("train resume nowhere", 1, "there is no such folder")]
    [InlineData("analyze x --output picture.bmp", 1, ".html, .csv, .json, .safetensors")]
    [InlineData("analyze x --picture photo --output p.svg", 2, "use map, lines, model")]
    [InlineData("analyze x --method entropy_head --picture lines --output p.svg", 1, "draw it as a map")]
    [InlineData("analyze x --method head_tree --output p.svg", 1, "cannot be shown as a map")]
    [InlineData("analyze x --head-number 4 --output p.svg", 2, "heads 0 to 3")]
    [InlineData("analyze --lines missing.txt --output p-{n}.svg", 2, "missing.txt: there is no such file")]
    [InlineData("analyze --lines missing.txt --output p.svg", 2, "page-{n}.html")]
    [InlineData("analyze x --lines missing.txt --output p-{n}.svg", 2, "leave TEXT")]
    [InlineData("flow x --token 9 --input 0", 1, "tokens 0 to 2")]
    [InlineData("flow x --token 0 --input 0 --layers 5", 1, "the model has 4")]
    [InlineData("analyze x --target class=1", 2, "pos=2, id=63")]
    [InlineData("analyze x --with pictures", 2, "use attentions, qkv, hidden, logits or all")]
    [InlineData("analyze x --head qa", 2, "its head is mlm")]
    [InlineData("analyze x --top 0", 2, "give a number from 1")]
    [InlineData("analyze x --special some", 2, "use keep, drop, renormalise")]
    [InlineData("analyze x --layer 4", 2, "layers 0 to 3; or use max")]
    [InlineData("analyze x --tokens 3", 2, "tokens 0 to 2")]
    [InlineData("compare x", 2, "give --model twice, --with-text, or --edit")]
    [InlineData("compare x --with-text y --method entropy_head", 2, "choose methods about tokens")]
    [InlineData("compare x --with-text y --output z.png", 2, "use .csv or .json")]
    [InlineData("trust x", 1, "choose a longer text")]
    [InlineData("trust x --method q", 2, "there is no such method")]
    [InlineData("trust x --method js_heads", 2, "it does not give each token a number")]
    [InlineData("analyze x --device abacus", 2, "there is no such device: use auto, cpu, cuda")]
    [InlineData("predict x[MASK] --device coreml:x", 2, "it is not understood")]
    [InlineData("analyze x --threads -3", 2, "from 0 to 1024")]
    [InlineData("predict x", 2, "put [MASK]")]
    [InlineData("predict x --model attention-mini-qa", 2, "--pair")]
    [InlineData("tokenize x --tokenizer nowhere", 1, "nowhere")]
    [InlineData("bench --model random:elephant", 2, "random:bert-base")]
    [InlineData("bench --length 0", 2, "give a number from 1")]
    [InlineData("serve", 2, "--stdio")]
    public void What_is_wrong_is_one_line_and_an_exit_code(string arguments, int code, string part)
    {
        var (status, output, error) = Run(arguments.Split(' '));
        Assert.Equal(code, status);
        Assert.Empty(output);
        Assert.StartsWith("attention: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grad_x_input")]
    [InlineData("blank_prob_drop")]
    public void Explains_a_text_without_a_masked_word(string method)
    {
        var (status, output, _) = Run("analyze", "What lies on the table?", "--method", method, "--json");
        Assert.Equal(0, status);
        Assert.Contains($"\"{method}\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_arguments_it_shows_three_things_that_work()
    {
        var (status, output, _) = Run();
        Assert.Equal(0, status);
        Assert.Equal(3, output.Split('\n').Count(line => line.StartsWith("  attention ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Json_is_one_document_and_nothing_else()
    {
        foreach (var arguments in new string[][] { ["analyze", "a [MASK] here", "--json"], ["predict", "a [MASK] here", "--json"], ["models", "list", "--json"], ["models", "info", "attention-mini", "--json"], ["tokenize", "naïve", "--tokenizer", Path.Combine(Golden.Root, "models", "attention-mini"), "--json"] })
        {
            var (status, output, error) = Run(arguments);
            Assert.True(status == 0, error);
            using var document = JsonDocument.Parse(output);
            Assert.NotEqual(JsonValueKind.Undefined, document.RootElement.ValueKind);
        }
    }

    [Fact]
    public void The_file_holds_the_tensors_asked_for()
    {
        var path = Path.Combine(_folder, "out.safetensors");
        var (status, _, error) = Run("analyze", "The keys to the cabinet", "--method", "all", "--with", "all", "--output", path, "--quiet");
        Assert.True(status == 0, error);
        using var file = SafetensorsFile.Open(path);
        foreach (var name in new[] { "input_ids", "token_type_ids", "attentions", "q", "k", "v", "hidden_states", "mlm.logits", "attention_mean", "rollout", "rollout_no_residual" })
            Assert.Contains(name, file.Tensors.Keys);
        Assert.Equal("attention-mini", file.Metadata["model"]);
    }

    [Fact]
    public void The_csv_holds_every_number_of_every_map()
    {
        var path = Path.Combine(_folder, "out.csv");
        Assert.Equal(0, Run("analyze", "a, \"b\" c", "--with", "attentions", "--output", path).Status);
        var lines = File.ReadAllLines(path);
        Assert.Equal("map,layer,head,to,to_token,from,from_token,score", lines[0]);
        const int tokens = 8, layers = 4, heads = 4;
        Assert.Equal(1 + (layers * (heads + 1) * tokens * tokens), lines.Length);
        Assert.Contains(lines, l => l.Contains("\",\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_of_a_file_can_be_named()
    {
        var path = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(path, "one\ntwo\nthree\nfour\n");
        var (_, output, _) = Run("tokenize", "--file", $"{path}:2-3", "--tokenizer", Path.Combine(Golden.Root, "models", "attention-mini"), "--no-special", "--json");
        Assert.Contains("two", output, StringComparison.Ordinal);
        Assert.Contains("three", output, StringComparison.Ordinal);
        Assert.DoesNotContain("four", output, StringComparison.Ordinal);
        Assert.Contains("lines 1 to 4", Run("tokenize", "--file", $"{path}:4-9", "--tokenizer", "x").Error + Run("analyze", "--file", $"{path}:4-9").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_drawn_without_a_browser()
    {
        string svg = Path.Combine(_folder, "map.svg"), png = Path.Combine(_folder, "heads.png");
        Assert.Equal(0, Run("analyze", "the keys are here", "--output", svg).Status);
        var drawn = System.Xml.Linq.XDocument.Load(svg);
        System.Xml.Linq.XNamespace ns = "http://www.w3.org/2000/svg";
        // Seven tokens: a cell for each two, and each by name on both axes.
        Assert.Equal(49, drawn.Descendants(ns + "g").Single(g => g.Attribute("shape-rendering") != null).Elements(ns + "rect").Count());
        Assert.Equal(2, drawn.Descendants(ns + "text").Count(t => t.Value == "key"));
        Assert.Contains(drawn.Descendants(ns + "text"), t => t.Value.Contains("attention-mini", StringComparison.Ordinal));

        Assert.Equal(0, Run("analyze", "the keys are here", "--picture", "model", "--output", png).Status);
        var bytes = File.ReadAllBytes(png);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        Assert.Equal(1440, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)));
    }

    [Fact]
    public void Every_line_of_a_file_becomes_a_file()
    {
        var lines = Path.Combine(_folder, "lines.txt");
        File.WriteAllText(lines, "one two\n\n  three four five\r\n");
        Assert.Equal(0, Run("analyze", "--lines", lines, "--output", Path.Combine(_folder, "{n}", "page.json")).Status);
        Assert.Equal("one two", Text(1));
        Assert.Equal("three four five", Text(3));
        Assert.False(Directory.Exists(Path.Combine(_folder, "2")));

        string? Text(int number)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, $"{number}", "page.json")));
            return json.RootElement.GetProperty("text").GetString();
        }
    }

    [Fact]
    public void What_is_no_text_is_not_taken_for_some()
    {
        var path = Path.Combine(_folder, "latin.txt");
        File.WriteAllBytes(path, [.. "one\ncaf"u8, 0xE9, (byte)'\n']);
        Assert.Contains("latin.txt: line 2 is not UTF-8", Run("analyze", "--file", path).Error, StringComparison.Ordinal);
        Assert.Contains("latin.txt: line 2 is not UTF-8", Run("train", "mlm", "--data", path, "--output", Path.Combine(_folder, "model")).Error, StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. "one"u8, 0, (byte)'\n']);
        Assert.Contains("line 1 holds bytes of something else", Run("analyze", "--file", path).Error, StringComparison.Ordinal);
        File.WriteAllText(path, "\n");
        Assert.Contains("latin.txt: there is nothing but white space", Run("analyze", "--file", path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_asked_for_is_shown()
    {
        var (status, output, error) = Run("analyze", "the keys are here", "--method", "rollout,globenc,entropy_head");
        Assert.True(status == 0, error);
        Assert.Contains("Attention rollout", output, StringComparison.Ordinal);
        Assert.Contains("GlobEnc", output, StringComparison.Ordinal);
        Assert.Contains("entropy_head", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_runtime_reports_to_nobody()
    {
        var home = Path.Combine(_folder, "home");
        Directory.CreateDirectory(home);
        Assert.Equal(0, Run(start => (start.Environment["HOME"], start.Environment["XDG_CACHE_HOME"]) = (home, ""), "predict", "a [MASK] here").Status);
        // ONNX Runtime would leave an identity and a queue of reports in a folder of its maker's name.
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), path => path.Contains("icrosoft", StringComparison.Ordinal));
    }

    [Fact]
    public void A_flow_is_as_wide_as_its_bottleneck()
    {
        var (status, output, error) = Run("flow", "the keys are here", "--token", "3", "--input", "1", "--json");
        Assert.True(status == 0, error);
        using var json = JsonDocument.Parse(output);
        var total = json.RootElement.GetProperty("total").GetDouble();
        Assert.Equal(total, json.RootElement.GetProperty("cut").EnumerateArray().Sum(e => e.GetProperty("amount").GetDouble()), 1e-6);
        Assert.InRange(total, 0.01, 1);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (int Status, string Output, string Error) Run(params string[] arguments) => Run(_ => { }, arguments);

    private (int Status, string Output, string Error) Run(Action<ProcessStartInfo> prepare, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), [.. arguments, .. arguments.Length > 0 ? new[] { "--cache", Path.Combine(_folder, "cache") } : []])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _folder,
        };
        start.Environment.Remove("ATTENTION_COMMAND");
        prepare(start);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "it did not end");
        return (process.ExitCode, output.Result, error);
    }
}
