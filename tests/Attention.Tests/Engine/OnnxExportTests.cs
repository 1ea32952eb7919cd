using AttentionServer.Engine;
using AttentionServer.Models;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Tests.Engine;

/// <summary>A saved graph is a complete ONNX model: another session opens it from disk and computes the same.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-onnx-").FullName;

    [Theory]
    [InlineData("bert", "mlm")]
    [InlineData("gpt2", "lm_legacy")]
    [InlineData("roberta", "qa")]
    public void A_saved_graph_computes_what_the_model_does(string architecture, string head)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, "A");
        var path = Path.Combine(_folder, "model.onnx");
        var bytes = OnnxExport.Write(path, model, new GraphSpec { Attentions = true, Head = model.Head }, CancellationToken.None);
        Assert.Equal(bytes, new DirectoryInfo(_folder).EnumerateFiles().Sum(f => f.Length));

        var text = expected.Input();
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        var inputs = session.InputNames.ToDictionary(name => name, name => name switch
        {
            GraphNames.CausalBias => OrtValue.CreateTensorValueFromMemory(
                [.. Enumerable.Range(0, text.Length * text.Length).Select(at => at % text.Length > at / text.Length ? -1e9f : 0)], [text.Length, text.Length]),
            GraphNames.TokenTypeIds => Row(text.TypeIds),
            GraphNames.PositionIds => Row([.. text.Ids.Select((_, i) => model.Config.PadTokenId!.Value + 1 + i)]),
            _ => Row(text.Ids),
        });
        var logits = GraphNames.Logits(model.Head!.Value);
        using var results = session.Run(options, inputs, [logits, GraphNames.Attention(1)]);
        GoldenModels.Near(expected.Floats(logits), results[0].GetTensorDataAsSpan<float>(), logits);
        var map = model.Config.Heads * text.Length * text.Length;
        GoldenModels.Near(expected.Floats("attentions").Slice(map, map), results[1].GetTensorDataAsSpan<float>(), "attentions of layer 1");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OrtValue Row(int[] numbers) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(numbers, n => (long)n), [1, numbers.Length]);
}
