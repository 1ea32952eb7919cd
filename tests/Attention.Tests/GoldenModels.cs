using System.Runtime.InteropServices;
using AttentionServer.Engine;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests;

/// <summary>The golden models of one architecture and what they should compute (tests/golden, float64 references).</summary>
internal static class GoldenModels
{
    public static readonly string[] Inputs = ["A", "B", "C"];

    /// <summary>Each architecture with each of its heads, by the folders there are: a new architecture is tested as soon as it has some.</summary>
    public static IEnumerable<(string Architecture, string Head)> All =>
        from head in Directory.EnumerateFiles(Golden.Data(), "config.json", SearchOption.AllDirectories).Select(f => Path.GetDirectoryName(f)!)
        let architecture = Path.GetDirectoryName(head)!
        where File.Exists(Path.Combine(architecture, "manifest.json"))
        orderby head
        select (Path.GetFileName(architecture), Path.GetFileName(head));

    public static Model Open(string architecture, string head) =>
        Model.Open($"{architecture}/{head}", Golden.Data(architecture, head), new ExecutionSettings { Device = "cpu" });

    public static Expected Expected(string architecture, string input) => new(Golden.Data(architecture, $"expected_{input}.safetensors"));

    /// <summary>|difference| ≤ relative · max|expected|, as docs and tests state tolerances.</summary>
    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what, double relative = 1e-4)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} numbers instead of {expected.Length}");
        double limit = 0, worst = 0;
        foreach (var x in expected)
            limit = Math.Max(limit, Math.Abs(x) * relative);
        for (var i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, float.IsFinite(actual[i]) ? Math.Abs((double)actual[i] - expected[i]) : double.PositiveInfinity);
        Assert.True(worst <= limit, $"{what}: off by {worst:e2}, limit {limit:e2}");
    }
}

/// <summary>The tensors of an expectation file.</summary>
internal sealed class Expected(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(_file.Tensors[name].Bytes);

    public int[] Integers(string name) => [.. MemoryMarshal.Cast<byte, long>(_file.Tensors[name].Bytes).ToArray().Select(x => (int)x)];

    public byte[] Bytes(string name) => _file.Tensors[name].Bytes.ToArray();

    public bool Has(string name) => _file.Tensors.ContainsKey(name);

    public int[] Shape(string name) => [.. _file.Tensors[name].Shape.Select(d => (int)d)];

    public TokenInput Input()
    {
        var ids = Integers("input_ids");
        return new(ids, _file.Tensors.ContainsKey("token_type_ids") ? Integers("token_type_ids") : new int[ids.Length]);
    }

    public void Dispose() => _file.Dispose();
}
