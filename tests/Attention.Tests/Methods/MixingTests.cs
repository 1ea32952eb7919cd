using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

/// <summary>Norms, mixing ratios and ALTI on shapes that the golden models do not have, against their definitions in 64 bits.</summary>
public class MixingTests
{
    public static TheoryData<string> Configs => RandomModels.Configs;

    [Theory, MemberData(nameof(Configs))]
    public void Maps_are_those_of_the_definitions(string config)
    {
        using var model = RandomModels.Open(config);
        foreach (var tokens in new[] { 1, 2, 7 })
        {
            var defined = new[] { "attn_norm_sum", "n_res", "n_resln", "n_enc", "alti", "mix_attn", "mix_n_res", "mix_n_resln", "mix_n_enc" }
                .Select(MethodRegistry.Find).Where(m => m.ProblemWith(model) == null).ToList();
            Assert.True(defined.Count is 9 or 5);
            using var run = new MethodRun(model, RandomModels.Text(tokens), defined, new() { HiddenStates = true, Attentions = true }, CancellationToken.None);
            var reference = new MixingReference(model, run.Trace);
            for (var layer = 0; layer < model.Config.Layers; layer++)
                foreach (var method in defined)
                {
                    var expected = Expected(reference, method.Id, layer);
                    var actual = run.Of(method).Values.Span.Slice(layer * expected.Length, expected.Length);
                    GoldenModels.Near([.. expected.Select(x => (float)x)], actual, $"{config}: {method.Id}, layer {layer} of {tokens} tokens", 1e-4);
                }
        }
    }

    [Theory, MemberData(nameof(Configs))]
    public void Parts_add_up_to_what_they_are_parts_of(string config)
    {
        using var model = RandomModels.Open(config);
        using var trace = model.Trace(RandomModels.Text(9), new() { HiddenStates = true, Attentions = true, BlockSums = true }, CancellationToken.None);
        var reference = new MixingReference(model, trace);
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            var sums = reference.Sums(layer);
            for (var i = 0; i < 9; i++)
            {
                // Σ_j r_ij + b_O is what the model itself summed.
                GoldenModels.Near([.. sums[i].Select(x => (float)x)], trace.AttentionSums[layer].At(i), $"{config}: sum of row {i}", 1e-4);
                // Σ_j T_ij + L(b_O) / sd + β is what leaves the norm, to the last digits.
                if (!model.Block(layer).Layout.NormFirst)
                    Assert.All(reference.Outputs(layer)[i].Zip(reference.Reassembled(layer)[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
            }
        }
    }

    [Theory, MemberData(nameof(Configs))]
    public void Rows_sum_to_one_and_what_is_not_seen_is_zero(string config)
    {
        using var model = RandomModels.Open(config);
        foreach (var tokens in new[] { 1, 2, 13 })
        {
            var methods = "attention_mean,rollout,rollout_no_residual,alti,alti_rollout,vz,vz_rollout,flow_layers,random";
            using var run = RandomModels.Run(model, RandomModels.Text(tokens), methods);
            foreach (var id in methods.Split(','))
            {
                var map = run.Of(id).ToMap();
                Assert.All(map.Scores.Chunk(tokens), row => Assert.InRange(row.Sum(), 1 - 1e-5, 1 + 1e-5));
                Assert.All(map.Scores, score => Assert.True(score >= 0));
                for (var at = 0; model.Architecture.Causal && at < map.Scores.Length; at++)
                    Assert.True(at % tokens <= at / tokens % tokens || map.Scores[at] == 0, $"{id}: a token draws on a later one");
            }
        }
    }

    [Fact]
    public void Equal_tokens_are_drawn_on_alike()
    {
        // One id everywhere, and no positions to tell places apart: ties in every row.
        using var model = RandomModels.Open("\"model_type\": \"bert\", \"num_attention_heads\": 2, \"hidden_size\": 8, \"num_hidden_layers\": 2, \"intermediate_size\": 16");
        var ids = Enumerable.Repeat(3, 6).ToArray();
        using var run = RandomModels.Run(model, new TokenInput(ids, new int[6]), "flow,alti,n_resln");
        foreach (var id in new[] { "flow", "alti", "n_resln" })
            Assert.All(run.Of(id).Values.ToArray(), score => Assert.True(float.IsFinite(score) && score >= 0));
    }

    [Theory, MemberData(nameof(Configs))]
    public void Padding_and_threads_change_nothing_but_rounding(string config)
    {
        using var one = RandomModels.Open(config, threads: 1);
        using var two = RandomModels.Open(config, threads: 2);
        var (text, longer) = (RandomModels.Text(8), RandomModels.Text(21));
        var wanted = new TraceRequest { Attentions = true, HiddenStates = true };
        var padded = two.TraceBatch([text, longer], wanted, CancellationToken.None)[0];
        using var alone = one.Trace(text, wanted, CancellationToken.None);
        for (var layer = 0; layer < one.Config.Layers; layer++)
        {
            GoldenModels.Near(alone.Attentions[layer].Span, padded.Attentions[layer].Span, $"{config}: attention of layer {layer}", 1e-4);
            GoldenModels.Near(alone.HiddenStates[layer + 1].Span, padded.HiddenStates[layer + 1].Span, $"{config}: states of layer {layer}", 1e-4);
        }

        const string methods = "rollout,alti_rollout,vz_rollout,flow";
        using var first = RandomModels.Run(one, text, methods);
        using var second = RandomModels.Run(two, text, methods);
        foreach (var id in methods.Split(','))
            GoldenModels.Near(first.Of(id).Values.Span, second.Of(id).Values.Span, $"{config}: {id}", 1e-4);
    }

    private static double[] Expected(MixingReference reference, string id, int layer) => id switch
    {
        "attn_norm_sum" => MixingReference.Norms(reference.Mixed(layer)),
        "n_res" => MixingReference.Norms(reference.Residual(layer)),
        "n_resln" => MixingReference.Norms(reference.Normalised(layer)),
        "n_enc" => MixingReference.Norms(reference.Encoded(layer)),
        "mix_attn" => MixingReference.Ratios(reference.Mixed(layer)),
        "mix_n_res" => MixingReference.Ratios(reference.Residual(layer)),
        "mix_n_resln" => MixingReference.Ratios(reference.Normalised(layer)),
        "mix_n_enc" => MixingReference.Ratios(reference.Encoded(layer)),
        _ => reference.Alti(layer),
    };
}
