using AttentionServer.Engine;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Fidelity;

/// <summary>What must hold for any model without references: its weights are whole, padding changes nothing, and half the bytes cost few digits.</summary>
public static class SelfCheck
{
    /// <summary>The row that says how far padding moves the numbers.</summary>
    public const string Padded = "padded vs single";

    /// <summary>The row that says how far 16-bit storage moves the numbers.</summary>
    public const string HalfStorage = "F16 vs F32 storage";

    private static readonly int[] Lengths = [5, 12, 23];

    // 16-bit floats keep 11 bits; a forward pass of many layers adds their errors up.
    private const double HalfLimit = 5e-2;

    /// <summary>Every tensor has numbers only; the first that has not is an error that names it.</summary>
    public static void Weights(Checkpoint checkpoint)
    {
        foreach (var tensor in checkpoint.Stored)
            if (checkpoint.FirstNonFinite(tensor.Name) is { } place)
                throw CheckpointHash.NotFinite(tensor.Name, checkpoint.Folder, place);
    }

    /// <summary>Hidden states of the texts one by one and side by side.</summary>
    public static Agreement Padding(Model model, IReadOnlyList<TokenInput> texts, CancellationToken cancellation)
    {
        var wanted = new TraceRequest { HiddenStates = true };
        var batch = model.TraceBatch(texts, wanted, cancellation);
        return Agreement.Worst(texts.Zip(batch, (text, padded) =>
        {
            using var alone = model.Trace(text, wanted, cancellation);
            return new Agreement(Padded, Agreement.Between(alone.HiddenStates[^1].Span, padded.HiddenStates[^1].Span), GoldenModel.Limit);
        }))[0];
    }

    /// <summary>Hidden states with the weights as they are and as 16-bit floats.</summary>
    public static Agreement Half(Model model, TokenInput text, CancellationToken cancellation)
    {
        var wanted = new TraceRequest { HiddenStates = true };
        var folder = Directory.CreateTempSubdirectory("attention-half-").FullName;
        try
        {
            File.Copy(Path.Combine(model.Checkpoint.Folder, "config.json"), Path.Combine(folder, "config.json"));
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. model.Checkpoint.Stored.Select(t => Halved(model, t))], new Dictionary<string, string> { ["format"] = "pt" });
            using var half = Model.Open(model.Name, folder, model.Settings);
            using Trace full = model.Trace(text, wanted, cancellation), cut = half.Trace(text, wanted, cancellation);
            return new(HalfStorage, Agreement.Between(full.HiddenStates[^1].Span, cut.HiddenStates[^1].Span), HalfLimit);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Three texts of different lengths, of ids that any vocabulary has.</summary>
    public static IReadOnlyList<TokenInput> Texts(Model model)
    {
        var random = new Random(1);
        return [.. Lengths.Select(length => Math.Min(length, model.MaxTokens)).Select(length =>
            new TokenInput([.. Enumerable.Range(0, length).Select(_ => random.Next(model.Config.VocabularySize / 2, model.Config.VocabularySize))], new int[length]))];
    }

    private static SafetensorsEntry Halved(Model model, StoredTensor tensor) => new(tensor.Name, DType.F16, [.. tensor.Shape], stream =>
    {
        var numbers = model.Weight(tensor.Name, [.. tensor.Shape]);
        var halves = new Half[numbers.Length];
        for (var i = 0; i < halves.Length; i++)
            halves[i] = (Half)numbers[i];
        stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<Half>(halves));
    });
}
