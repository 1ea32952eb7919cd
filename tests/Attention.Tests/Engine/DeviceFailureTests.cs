using AttentionServer.Engine;
using AttentionServer.Models.Checkpoints;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Tests.Engine;

/// <summary>
/// Devices that run out of memory, played by the real runtime with an arena of 8 MB: sessions made with
/// <see cref="Small"/> get their memory there, and the runtime refuses what goes beyond it.
/// </summary>
public sealed class DeviceFailureTests
{
    private const string Config = """
        {"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64, "intermediate_size": 256,
         "vocab_size": 1000, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0}
        """;

    private static readonly ExecutionSettings Settings = new() { Device = "cpu", Threads = 1 };
    private static readonly Lazy<OrtMemoryInfo> Arena = new(() =>
    {
        var arena = new OrtMemoryInfo("Cpu", OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var limits = new OrtArenaCfg(8 << 20, -1, -1, -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(arena, limits);
        return arena;
    });

    [Fact]
    public void A_device_without_memory_for_a_run_is_left_for_the_processor_and_the_user_is_told()
    {
        using var whole = Open(() => DeviceChoice.Processor(Settings, ""));
        using var model = Open(() => Small("Test GPU", isProcessor: false));
        using (var fits = model.Trace(Text(8), new() { Attentions = true }, CancellationToken.None))
            Near(whole, fits, 8);
        Assert.Equal("Test GPU", model.Device.Name);
        Assert.Null(model.Device.Notice);

        using (var tooMuch = model.Trace(Text(512), new() { Attentions = true }, CancellationToken.None))
            Near(whole, tooMuch, 512);
        Assert.True(model.Device.IsProcessor);
        Assert.Equal("Test GPU could not run this model (its memory does not suffice), so it runs on the processor.", model.Device.Notice);
        Assert.Contains("Test GPU was left", model.Device.Reason, StringComparison.Ordinal);

        using var after = model.Trace(Text(8), new() { Attentions = true }, CancellationToken.None);
        Near(whole, after, 8);
    }

    [Fact]
    public void A_device_that_cannot_take_the_graph_is_left_as_well()
    {
        // The runtime refuses to make a session whose operators would all run on the processor when that is ruled out.
        using var model = Open(() => new("Test GPU", "", false, Settings, options => options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1")));
        model.Trace(Text(8), new() { Attentions = true }, CancellationToken.None).Dispose();
        Assert.True(model.Device.IsProcessor);
        Assert.StartsWith("Test GPU could not run this model (", model.Device.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_processor_without_memory_is_an_error_with_the_amount_and_the_way_out_and_the_model_stays_usable()
    {
        using var model = Open(() => Small("CPU", isProcessor: true));
        var error = Assert.Throws<EngineException>(() => model.Trace(Text(512), new() { Attentions = true }, CancellationToken.None));
        Assert.Matches(@"^memory: tiny: [\d,]+ MB at once were asked for and not to be had: give it a shorter text", error.Message);
        model.Trace(Text(8), new() { Attentions = true }, CancellationToken.None).Dispose();
    }

    [Fact]
    public void Runs_that_fail_side_by_side_leave_the_device_once_and_all_end_well()
    {
        using var model = Open(() => Small("Test GPU", isProcessor: false));
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ => model.Trace(Text(512), new() { Attentions = true }, CancellationToken.None).Dispose());
        Assert.True(model.Device.IsProcessor);
    }

    private static DeviceChoice Small(string name, bool isProcessor)
    {
        _ = Arena.Value;
        return new(name, "", isProcessor, Settings, options => options.AddSessionConfigEntry("session.use_env_allocators", "1"));
    }

    private static Model Open(Func<DeviceChoice> device) => Model.From("tiny", Checkpoint.Random(Config, seed: 2), Settings, device);

    private static TokenInput Text(int tokens) => new([.. Enumerable.Range(0, tokens).Select(i => i % 900)], new int[tokens]);

    private static void Near(Model reference, Trace actual, int tokens)
    {
        using var expected = reference.Trace(Text(tokens), new() { Attentions = true }, CancellationToken.None);
        for (var layer = 0; layer < expected.Attentions.Count; layer++)
            GoldenModels.Near(expected.Attentions[layer].Span, actual.Attentions[layer].Span, $"layer {layer} of {tokens} tokens");
    }
}
