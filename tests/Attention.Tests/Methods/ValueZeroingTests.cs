using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

/// <summary>Value Zeroing on models of shapes that the golden ones do not have, against its definition in 64 bits.</summary>
public class ValueZeroingTests
{
    private const string Gpt2 = "\"model_type\": \"gpt2\", \"n_head\": 2, \"n_embd\": 20, \"n_layer\": 3, \"n_inner\": 33";
    private const string Bert = "\"model_type\": \"bert\", \"num_attention_heads\": 3, \"hidden_size\": 24, \"num_hidden_layers\": 2, \"intermediate_size\": 40";

    public static TheoryData<string> Configs => RandomModels.Configs;

    [Theory, MemberData(nameof(Configs))]
    public void Distances_are_those_of_the_definition(string config)
    {
        using var model = RandomModels.Open(config);
        foreach (var tokens in new[] { 1, 2, 7, 30 })
        {
            using var run = Run(model, tokens, "vz_distance");
            var map = run.Of("vz_distance").ToMap();
            var reference = new ValueZeroingReference(model, run.Trace);
            for (var layer = 0; layer < map.Layers; layer++)
            {
                var expected = reference.Distances(layer);
                // Of a change of 1e-4 of a state, 32 bits leave three digits.
                var limit = expected.Max() > 1e-7 ? 1e-3 : 3e-3;
                GoldenModels.Near([.. expected.Select(d => (float)d)], map.Layer(layer), $"{config}: layer {layer} of {tokens} tokens", limit);
            }
        }
    }

    [Fact]
    public void A_token_that_none_could_look_at_has_a_distance_of_exactly_zero()
    {
        using var model = RandomModels.Open(Gpt2);
        using var run = Run(model, 9, "vz_distance,vz");
        foreach (var map in new[] { run.Of("vz_distance").ToMap(), run.Of("vz").ToMap() })
            for (var layer = 0; layer < map.Layers; layer++)
                for (var row = 0; row < 9; row++)
                {
                    Assert.All(map.Layer(layer).Slice((row * 9) + row + 1, 8 - row).ToArray(), d => Assert.Equal(0, d));
                    Assert.All(map.Layer(layer).Slice(row * 9, row + 1).ToArray(), d => Assert.True(d > 0));
                }
    }

    [Theory, MemberData(nameof(Configs))]
    public void Rows_sum_to_one_and_stay_so_through_the_layers(string config)
    {
        using var model = RandomModels.Open(config);
        foreach (var tokens in new[] { 1, 2, 30 })
        {
            using var run = Run(model, tokens, "vz,vz_rollout");
            foreach (var id in new[] { "vz", "vz_rollout" })
                Assert.All(run.Of(id).ToMap().Scores.Chunk(tokens), row => Assert.InRange(row.Sum(), 1 - 1e-5, 1 + 1e-5));
        }
    }

    [Fact]
    public void Threads_change_the_digits_no_more_than_rounding_does()
    {
                using var one = RandomModels.Open(Bert, threads: 1);
        using var two = RandomModels.Open(Bert, threads: 2);
        using var first = Run(one, 40, "vz_rollout");
        using var second = Run(two, 40, "vz_rollout");
        GoldenModels.Near(first.Of("vz_rollout").Values.Span, second.Of("vz_rollout").Values.Span, "vz_rollout", 1e-4);
    }

    [Fact]
    public void A_long_text_tells_how_far_it_is_within_a_layer()
    {
        using var model = RandomModels.Open(Bert);
        var shares = new Shares();
        using var run = Run(model, 60, "vz_distance", shares);
        _ = run.Of("vz_distance");
        Assert.True(shares.Told.Count > model.Config.Layers, $"told {shares.Told.Count} times in {model.Config.Layers} layers");
        Assert.Equal(shares.Told.Order(), shares.Told);
        Assert.Equal(1, shares.Told[^1]);
    }

    [Fact]
    public void Memory_said_beforehand_covers_what_is_taken()
    {
        using var model = RandomModels.Open("\"model_type\": \"bert\", \"num_attention_heads\": 12, \"hidden_size\": 768, \"num_hidden_layers\": 1, \"intermediate_size\": 3072");
        using var run = Run(model, 128, "vz_distance");
        _ = run.Trace;
        // The engine's own memory is not the collector's: what is counted here are the arrays that a method allocates.
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = run.Of("vz_distance");
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        var said = MethodRegistry.Find("vz_distance").Cost(model, 128).Bytes;
        Assert.True(taken <= said, $"took {taken / 1e6:f1} MB and said {said / 1e6:f1} MB");
    }

    private static MethodRun Run(Model model, int tokens, string methods, IProgress<double>? progress = null) =>
        new(model, RandomModels.Text(tokens), MethodRegistry.Parse(methods), new(), CancellationToken.None) { Progress = progress };

    private sealed class Shares : IProgress<double>
    {
        public List<double> Told { get; } = [];

        public void Report(double value) => Told.Add(value);
    }
}
