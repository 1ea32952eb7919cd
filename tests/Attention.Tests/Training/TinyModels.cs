using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Training;

namespace AttentionServer.Tests.Training;

/// <summary>The six architectures, so small that 64-bit loops get through them in no time, with random numbers in every parameter.</summary>
internal static class TinyModels
{
    public static readonly ExecutionSettings Execution = new() { Device = "cpu", Threads = 2 };

    public static readonly string[] Architectures = ["bert", "roberta", "distilbert", "electra", "albert", "gpt2"];

    private static readonly Dictionary<string, string> Shapes = new()
    {
        ["bert"] = "\"num_attention_heads\": 2, \"hidden_size\": 6, \"num_hidden_layers\": 2, \"intermediate_size\": 7",
        ["roberta"] = "\"num_attention_heads\": 3, \"hidden_size\": 6, \"num_hidden_layers\": 1, \"intermediate_size\": 8, \"pad_token_id\": 1, \"type_vocab_size\": 1",
        ["distilbert"] = "\"n_heads\": 2, \"dim\": 4, \"n_layers\": 2, \"hidden_dim\": 6, \"activation\": \"relu\"",
        ["electra"] = "\"num_attention_heads\": 2, \"hidden_size\": 6, \"embedding_size\": 4, \"num_hidden_layers\": 2, \"intermediate_size\": 5",
        ["albert"] = "\"num_attention_heads\": 2, \"hidden_size\": 6, \"embedding_size\": 4, \"num_hidden_layers\": 3, \"num_hidden_groups\": 1, \"intermediate_size\": 7",
        ["gpt2"] = "\"n_head\": 2, \"n_embd\": 6, \"n_layer\": 2, \"n_inner\": 9",
    };

    public static string Config(string architecture) =>
        $$"""{"model_type": "{{architecture}}", {{Shapes[architecture]}}, "vocab_size": 13, "max_position_embeddings": 12, "num_labels": 3}""";

    public static Parameters Parameters(string architecture, HeadKind head, int seed = 3)
    {
        var parameters = AttentionServer.Training.Parameters.Of(ModelConfig.Parse(Config(architecture), "test"), "test", head, null, seed);
        var random = new Random(seed);
        foreach (var parameter in parameters.All)
        {
            // Around 1 for the scales of normalisations, so that nothing vanishes.
            var centre = parameter.Shape.Length == 1 && parameter.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0;
            foreach (ref var number in parameters.Of(parameter))
                number = (float)(centre + (0.8 * (random.NextDouble() - 0.5)));
        }

        return parameters;
    }

    /// <summary>Two texts, one padded; words repeat, so that rows of the table add up.</summary>
    public static Batch Batch(HeadKind head)
    {
        int[][] ids = [[2, 7, 5, 7, 9], [2, 5, 11]];
        return new([.. ids.Select((text, i) => new TrainingText(text, [.. text.Select((_, at) => at > 1 ? 1 : 0)], Targets(head, text, i), Picked(head, text)))]);
    }

    private static int[] Targets(HeadKind head, int[] text, int i) => head switch
    {
        HeadKind.MaskedLanguageModel => i == 0 ? [8, 3] : [6],
        HeadKind.CausalLanguageModel => text[1..],
        HeadKind.QuestionAnswering => i == 0 ? [2, 4] : [0, 0],
        _ => [i + 1],
    };

    private static int[] Picked(HeadKind head, int[] text) => head switch
    {
        HeadKind.MaskedLanguageModel => text.Length > 3 ? [1, 3] : [2],
        HeadKind.CausalLanguageModel => [.. Enumerable.Range(0, text.Length - 1)],
        _ => [],
    };
}
