using System.Runtime.InteropServices;
using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Fidelity;

/// <summary>
/// A model with reference numbers beside it: its folder lies in that of its family, where manifest.json and
/// expected_*.safetensors are what the original implementation computes in 64 bits.
/// </summary>
public static class GoldenModel
{
    /// <summary>Sums of 32-bit floats.</summary>
    public const double Limit = 1e-4;

    /// <summary>Distances near 0 and derivatives, which lose more digits in 32 bits.</summary>
    public const double LooseLimit = 1e-3;

    private static readonly string[] Loose = ["vz", "grad", "ig_", "blank"];

    /// <summary>The model folders under a folder that have references.</summary>
    public static IReadOnlyList<string> Under(string folder) =>
    [
        .. from config in Directory.EnumerateFiles(folder, "config.json", SearchOption.AllDirectories)
           let model = Path.GetDirectoryName(Path.GetFullPath(config))!
           where HasReferences(model)
           orderby model
           select model,
    ];

    /// <summary>True when a model's folder has references beside it.</summary>
    public static bool HasReferences(string model) => Path.GetDirectoryName(Path.GetFullPath(model)) is { } family && File.Exists(Path.Combine(family, "manifest.json"));

    /// <summary>What a forward pass and every method gives, compared with the references; the worst of all inputs.</summary>
    public static IReadOnlyList<Agreement> Compare(Model model, string folder, CancellationToken cancellation) => Agreement.Worst(
        from file in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(folder))!, "expected_?.safetensors").Order()
        from agreement in CompareOne(model, file, cancellation)
        select agreement);

    /// <summary>How far the numbers of a tensor may be away.</summary>
    public static double LimitOf(string tensor) => Loose.Any(part => tensor.Contains(part, StringComparison.Ordinal)) ? LooseLimit : Limit;

    private static List<Agreement> CompareOne(Model model, string file, CancellationToken cancellation)
    {
        using var expected = SafetensorsFile.Open(file);
        int[] Integers(string name) => [.. MemoryMarshal.Cast<byte, long>(expected.Tensors[name].Bytes).ToArray().Select(id => (int)id)];
        var ids = Integers("input_ids");
        var input = new TokenInput(ids, expected.Tensors.ContainsKey("token_type_ids") ? Integers("token_type_ids") : new int[ids.Length]);
        var methods = MethodRegistry.All.Where(m => !m.ExplainsPrediction && expected.Tensors.ContainsKey(m.Id) && m.NotDefinedFor(model) == null).ToList();
        using var run = new MethodRun(model, input, methods, new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true, Logits = true }, cancellation);

        var agreements = new List<Agreement>();
        void Add(string what, string name, float[] actual) =>
            agreements.Add(new(what, Agreement.Between(MemoryMarshal.Cast<byte, float>(expected.Tensors[name].Bytes), actual), LimitOf(name)));
        void AddLayers(string what, string name, IReadOnlyList<Tensor> layers) => Add(what, name, [.. layers.SelectMany(l => l.ToArray())]);

        if (model.Head is { } head)
            Add("logits", GraphNames.Logits(head), run.Trace.Logits!.ToArray());
        AddLayers("hidden states", "hidden_states", run.Trace.HiddenStates);
        AddLayers("attentions", "attentions", run.Trace.Attentions);
        AddLayers("q, k, v", "q", run.Trace.Queries);
        AddLayers("q, k, v", "k", run.Trace.Keys);
        AddLayers("q, k, v", "v", run.Trace.Values);
        foreach (var method in methods)
            Add(method.Id, method.Id, run.Of(method).Values.ToArray());
        return agreements;
    }
}
