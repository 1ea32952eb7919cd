using System.Text.Json.Nodes;
using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>config.json of every supported type, and of types that are wrong.</summary>
public sealed class ModelConfigTests
{
    private const string Bert = """
        {"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 3, "num_attention_heads": 4, "hidden_size": 32,
         "intermediate_size": 64, "vocab_size": 120, "max_position_embeddings": 64}
        """;

    [Theory]
    [InlineData("bert/cls", "bert", 64, 32, 2, 1e-12, "gelu", 0, 64, "bert.")]
    [InlineData("roberta/mlm", "roberta", 64, 32, 1, 1e-5, "gelu", 1, 66, "roberta.")]
    [InlineData("distilbert/qa", "distilbert", 64, 32, 0, 1e-12, "gelu", 0, 64, "distilbert.")]
    [InlineData("electra/disc", "electra", 64, 16, 2, 1e-12, "gelu", 0, 64, "electra.")]
    [InlineData("albert/mlm", "albert", 64, 16, 2, 1e-12, "gelu_new", 0, 64, "albert.")]
    [InlineData("gpt2/lm", "gpt2", 128, 32, 0, 1e-5, "gelu_new", 119, 64, "transformer.")]
    public void GoldenConfigsAreReadUnderOneSetOfNames(string folder, string type, int intermediate, int embedding, int types, double epsilon, string activation, int pad, int positions, string prefix)
    {
        using var checkpoint = Checkpoint.Open(Golden.Data(folder));
        var config = checkpoint.Config;
        Assert.Equal((type, 3, 4, 32, 8, 120), (config.ModelType, config.Layers, config.Heads, config.Hidden, config.HeadSize, config.VocabularySize));
        Assert.Equal((intermediate, embedding, types, pad, positions), (config.Intermediate, config.EmbeddingSize, config.TypeVocabularySize, config.PadTokenId, config.MaxPositions));
        Assert.Equal((epsilon, activation, prefix), (config.LayerNormEpsilon, config.Activation, config.BasePrefix));
        Assert.Equal((1, 1), config.Shared);
    }

    [Theory]
    [InlineData("camembert")]
    [InlineData("xlm-roberta")]
    public void DescendantsOfRobertaHaveItsPrefix(string type) => Assert.Equal("roberta.", With("model_type", type).BasePrefix);

    [Fact]
    public void KeysThatMayBeMissingTakeTheDefaultOfTheirClass()
    {
        var config = ModelConfig.Parse(Bert, "here");
        Assert.Equal((2, 1e-12, "gelu", null, 8), (config.TypeVocabularySize, config.LayerNormEpsilon, config.Activation, config.PadTokenId, config.HeadSize));
        Assert.Equal(["LABEL_0", "LABEL_1"], config.Labels);
        var gpt2 = ModelConfig.Parse("""{"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_positions": 16, "vocab_size": 20, "n_inner": null}""", "here");
        Assert.Equal((32, 1e-5, "gelu_new", 0), (gpt2.Intermediate, gpt2.LayerNormEpsilon, gpt2.Activation, gpt2.TypeVocabularySize));
    }

    [Fact]
    public void LabelsComeInTheOrderOfTheirNumbers()
    {
        var labels = new JsonObject(Enumerable.Range(0, 12).Reverse().Select(i => KeyValuePair.Create($"{i}", (JsonNode?)$"class {i}")));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"class {i}"), With("id2label", labels).Labels);
    }

    [Theory]
    [InlineData("num_hidden_layers", "1000000000")]
    [InlineData("num_hidden_layers", "0")]
    [InlineData("num_hidden_layers", "-3")]
    [InlineData("num_hidden_layers", "2.5")]
    [InlineData("num_hidden_layers", "1e300")]
    [InlineData("num_hidden_layers", "\"3\"")]
    [InlineData("num_attention_heads", "5")]
    [InlineData("num_attention_heads", "[]")]
    [InlineData("hidden_size", "1000000000000")]
    [InlineData("vocab_size", "2000000000")]
    [InlineData("max_position_embeddings", "true")]
    [InlineData("intermediate_size", "null")]
    [InlineData("layer_norm_eps", "-1e-5")]
    [InlineData("layer_norm_eps", "2")]
    [InlineData("hidden_act", "3")]
    [InlineData("architectures", "\"BertModel\"")]
    [InlineData("architectures", "[1]")]
    [InlineData("num_labels", "1000000000")]
    [InlineData("id2label", "{\"0\": \"a\", \"2\": \"b\"}")]
    [InlineData("id2label", "{\"a\": \"a\"}")]
    [InlineData("id2label", "{\"0\": {}}")]
    [InlineData("id2label", "[\"a\"]")]
    [InlineData("model_type", "7")]
    [InlineData("position_embedding_type", "\"relative_key\"")]
    [InlineData("is_decoder", "true")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("scale_attn_by_inverse_layer_idx", "true")]
    [InlineData("scale_attn_weights", "false")]
    [InlineData("scale_attn_weights", "\"no\"")]
    public void AWrongValueIsAnErrorThatNamesItsKey(string key, string json)
    {
        var message = Assert.Throws<CheckpointException>(() => With(key, JsonNode.Parse(json))).Message;
        Assert.Contains(key == "num_attention_heads" && json == "5" ? "hidden_size" : key, message, StringComparison.Ordinal);
        Assert.Contains("here", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("vocab_size")]
    [InlineData("max_position_embeddings")]
    [InlineData("model_type")]
    public void AMissingKeyIsNamed(string key) =>
        Assert.Contains($"'{key}'", Assert.Throws<CheckpointException>(() => With(key, null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":")]
    [InlineData("null")]
    public void WhatIsNoJsonObjectIsRefused(string json) =>
        Assert.Contains("config.json", Assert.Throws<CheckpointException>(() => ModelConfig.Parse(json, "here")).Message, StringComparison.Ordinal);

    [Fact]
    public void TextThatIsNotUnicodeIsRefused() => Assert.Contains(
        "hidden_act",
        Assert.Throws<CheckpointException>(() => ModelConfig.Parse(Bert.Replace("\"vocab_size\"", "\"hidden_act\": \"\\ud800\", \"vocab_size\"", StringComparison.Ordinal), "here")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void DeepJsonIsRefused() =>
        Assert.Throws<CheckpointException>(() => ModelConfig.Parse("{\"a\":" + new string('[', 100_000), "here"));

    [Fact]
    public void AByteOrderMarkIsSkipped() => Assert.Equal(3, ModelConfig.Parse("\uFEFF" + Bert, "here").Layers);

    [Fact]
    public void APaddingTokenOutsideTheTableCountsAsNone() => Assert.Null(With("pad_token_id", 120).PadTokenId);

    private static ModelConfig With(string key, JsonNode? value)
    {
        var config = JsonNode.Parse(Bert)!.AsObject();
        config[key] = value;
        return ModelConfig.Parse(config.ToJsonString(), "here");
    }
}
