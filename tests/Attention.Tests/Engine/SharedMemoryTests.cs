using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Engine;

/// <summary>Memory and time of the whole process: these run alone, after everything that runs side by side.</summary>
[Collection(nameof(Alone))]
public class SharedMemoryTests
{
    private const string BertBase = """
        {"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 12, "num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072,
         "vocab_size": 8192, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0}
        """;

    [Fact]
    public void A_second_session_on_the_same_weights_adds_under_five_percent()
    {
        // Memory that earlier tests left may be given back in between and make the first look small: what a measurement without that shows counts.
        var measured = new List<string>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var model = Model.From("random", Checkpoint.Random(BertBase, seed: 3), new ExecutionSettings { Device = "cpu" });
            var input = new TokenInput([.. Enumerable.Range(5, 16)], new int[16]);
            var before = Resident();
            model.Trace(input, new TraceRequest { Attentions = true }, CancellationToken.None).Dispose();
            var one = Resident();
            model.Trace(input, new TraceRequest { Attentions = true, HiddenStates = true, QueriesKeysValues = true }, CancellationToken.None).Dispose();
            var two = Resident();
            if (two - one < 0.05 * (one - before))
                return;
            measured.Add($"the first session took {(one - before) >> 20} MB, the second {(two - one) >> 20} MB");
        }

        Assert.Fail(string.Join("; ", measured));
    }

    [Fact]
    public async Task Cancelling_a_run_returns_within_200_ms_and_leaves_the_model_usable()
    {
        using var model = Model.From("random", Checkpoint.Random(BertBase, seed: 3), new ExecutionSettings { Device = "cpu" });
        var wanted = new TraceRequest { Attentions = true };
        var texts = Enumerable.Range(0, 16).Select(i => new TokenInput([.. Enumerable.Range(5 + i, 384)], new int[384])).ToList();
        var small = new TokenInput([2, 7, 3], new int[3]);
        model.Trace(small, wanted, CancellationToken.None).Dispose();

        using var cancellation = new CancellationTokenSource();
        var running = Task.Run(() => model.TraceBatch(texts, wanted, cancellation.Token));
        await Task.Delay(300);
        var clock = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        // One operator has to end before the runtime looks; a loaded test machine gets some slack.
        Assert.True(clock.ElapsedMilliseconds < 1000, $"it took {clock.ElapsedMilliseconds} ms");
        model.Trace(small, wanted, CancellationToken.None).Dispose();
    }

    [Theory]
    [InlineData(new int[0], new int[0], "no token")]
    [InlineData(new[] { 120 }, new[] { 0 }, "vocabulary of 120")]
    [InlineData(new[] { -1 }, new[] { 0 }, "token id -1")]
    [InlineData(new[] { 1 }, new[] { 2 }, "segment 2")]
    [InlineData(new[] { 1, 2 }, new[] { 0 }, "1 for 2 tokens")]
    public void Input_a_model_cannot_take_is_refused_in_a_sentence(int[] ids, int[] segments, string part)
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var error = Assert.Throws<EngineException>(() => model.Trace(new TokenInput(ids, segments), new TraceRequest { Attentions = true }, CancellationToken.None));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_longer_than_the_positions_is_refused_with_both_numbers()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var error = Assert.Throws<EngineException>(() => model.Trace(new TokenInput(new int[65], new int[65]), new TraceRequest(), CancellationToken.None));
        Assert.Contains("65 tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains("64", error.Message, StringComparison.Ordinal);
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}

/// <summary>Tests that nothing else may run beside.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;
