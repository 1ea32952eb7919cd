using System.Diagnostics;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Engine;

/// <summary>
/// What a cold `attention predict` takes, measured from outside on the command itself with a model of 114 MB: BERT-base in
/// its widths, with a quarter of its layers, so that packing, gathering and the tied decoder all happen.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ResidentMemoryTests : IDisposable
{
    private const string Config = """
        {"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 3, "num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072,
         "vocab_size": 8192, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0}
        """;

    // Left out of the file, so that the word embeddings are both gathered and packed, as in BERT-base.
    private const string Tied = "cls.predictions.decoder.weight";

    private static readonly string Mini = Path.Combine(Golden.Root, "models", "attention-mini");

    private readonly string _folder = Directory.CreateTempSubdirectory("attention-resident-").FullName;

    [Fact]
    public void A_cold_prediction_keeps_the_weights_in_memory_once()
    {
        // The kernel's own high-water mark, which only Linux offers to another process.
        if (!OperatingSystem.IsLinux())
            return;
        var weights = WriteModel();
        // The program itself: .NET, the runtime's library and a model of 7 MB, which the bundled one stands for.
        var program = Peak(Mini);
        var peak = Peak(_folder);
        Assert.True(peak - program < 1.3 * weights, $"weights of {weights / 1e6:0} MB took {(peak - program) / 1e6:0} MB at the most, above {program / 1e6:0} MB of a program with a small model");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private long WriteModel()
    {
        using var random = Checkpoint.Random(Config, seed: 5);
        var graph = ArchitectureRegistry.For(random).Compose(random, new GraphSpec { Head = HeadKind.MaskedLanguageModel });
        var path = Path.Combine(_folder, "model.safetensors");
        SafetensorsWriter.Write(path, [.. graph.Weights.Where(w => w.Name != Tied).Select(weight =>
        {
            long[] shape = [.. weight.Shape.Select(d => d.Factor)];
            return new SafetensorsEntry(weight.Name, DType.F32, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(random.Get(weight.Name, shape).Floats)));
        })], new Dictionary<string, string>());
        File.WriteAllText(Path.Combine(_folder, "config.json"), Config);
        foreach (var name in new[] { "vocab.txt", "tokenizer_config.json" })
            File.Copy(Path.Combine(Mini, name), Path.Combine(_folder, name));
        return new FileInfo(path).Length;
    }

    private long Peak(string model)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "attention"),
            ["predict", "The keys to the [MASK] are here.", "--model", model, "--device", "cpu", "--threads", "2", "--cache", Path.Combine(_folder, "cache")])
        {
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(2))
            peak = Math.Max(peak, HighWater(process.Id));
        Assert.Equal(0, process.ExitCode);
        Assert.NotEmpty(output.Result);
        return peak;
    }

    private static long HighWater(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line == null ? 0 : 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended between two looks.
            return 0;
        }
    }
}
