using AttentionServer.Engine;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Cli.Bench;

/// <summary>Seeded random models made in memory, for timing only.</summary>
internal static class RandomModel
{
    private const string Prefix = "random:";

    public static Model? TryCreate(string name, ExecutionSettings settings)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var (layers, heads, hidden) = name[Prefix.Length..] switch
        {
            "bert-base" => (12, 12, 768),
            "bert-mini" => (4, 4, 256),
            var other => throw new CliException($"--model {Prefix}{other}: command line: use random:bert-base or random:bert-mini"),
        };
        var config = $$"""
            {"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}}, "hidden_size": {{hidden}},
             "intermediate_size": {{4 * hidden}}, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0}
            """;
        return Model.From(name, Checkpoint.Random(config, seed: 1), settings);
    }
}
