using System.Runtime.InteropServices;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Text;

namespace AttentionServer.Tests.Models;

/// <summary>Weights that are no numbers are found wherever they are and however they are stored, and named.</summary>
public class FinitenessTests
{
    [Fact]
    public void Every_16_bit_pattern_is_told_apart_as_dotnet_does()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var pattern = BitConverter.GetBytes((ushort)bits);
            Assert.Equal(!Half.IsFinite(BitConverter.UInt16BitsToHalf((ushort)bits)), Finiteness.FirstNonFinite(pattern, DType.F16) == 0);
            Assert.Equal(!float.IsFinite(BitConverter.UInt32BitsToSingle((uint)bits << 16)), Finiteness.FirstNonFinite(pattern, DType.BF16) == 0);
        }
    }

    [Fact]
    public void The_first_is_found_at_any_place_of_any_length()
    {
        var random = new Random(5);
        foreach (var length in new[] { 1, 7, 8, 9, 31, 64, 65, 1000 })
        {
            var numbers = Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5) * 1e38f).ToArray();
            Assert.Null(Finiteness.FirstNonFinite(MemoryMarshal.AsBytes(numbers.AsSpan()), DType.F32));
            var place = random.Next(length);
            foreach (var wrong in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                numbers[place] = wrong;
                Assert.Equal(place, Finiteness.FirstNonFinite(MemoryMarshal.AsBytes(numbers.AsSpan()), DType.F32));
                var wide = numbers.Select(n => (double)n).ToArray();
                Assert.Equal(place, Finiteness.FirstNonFinite(MemoryMarshal.AsBytes(wide.AsSpan()), DType.F64));
            }
        }

        Assert.Null(Finiteness.FirstNonFinite([0xFF, 0xFF, 0xFF, 0xFF], DType.I32));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_picture_is_refused_by_the_name_of_the_tensor(float wrong)
    {
        var folder = Directory.CreateTempSubdirectory("attention-nan-");
        try
        {
            var golden = Path.Combine(Golden.Root, "models", "attention-mini");
            foreach (var file in Directory.EnumerateFiles(golden).Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            string name;
            using (var checkpoint = Checkpoint.Open(golden))
            {
                // The last numbers of the last tensor by name: nothing before it gives the damage away.
                name = checkpoint.Stored.OrderBy(t => t.Name, StringComparer.Ordinal).Last(t => t.Shape.Length == 1).Name;
                SafetensorsWriter.Write(
                    Path.Combine(folder.FullName, "model.safetensors"),
                    [.. checkpoint.Stored.Select(t => SafetensorsEntry.Of(t.Name, Numbers(checkpoint, t, t.Name == name ? wrong : null), [.. t.Shape.Select(d => (int)d)]))],
                    new Dictionary<string, string>());
            }

            using var model = AttentionServer.Engine.Model.Open("damaged", folder.FullName, new() { Device = "cpu" });
            var request = new AnalysisRequest { Encoding = model.Tokenizer.Encode("a text", null, new EncodeOptions()), Methods = MethodRegistry.Immediate };
            var path = Path.Combine(folder.FullName, "analysis.safetensors");
            var error = Assert.Throws<CheckpointException>(() => Analyzer.Write(path, model, request, CancellationToken.None));
            Assert.StartsWith($"tensor '{name}': ", error.Message, StringComparison.Ordinal);
            Assert.Contains("infinite or not a number", error.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static float[] Numbers(Checkpoint checkpoint, StoredTensor tensor, float? last)
    {
        var weight = checkpoint.Get(tensor.Name, [.. tensor.Shape]);
        var numbers = new float[weight.Bytes / sizeof(float)];
        Marshal.Copy(weight.Pointer, numbers, 0, numbers.Length);
        if (last is { } wrong)
            numbers[^1] = wrong;
        return numbers;
    }
}
