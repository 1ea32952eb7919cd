using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Methods;

/// <summary>Models of shapes that the golden ones do not have, with seeded numbers for weights.</summary>
internal static class RandomModels
{
    private const string Bert = "\"model_type\": \"bert\", \"architectures\": [\"BertForMaskedLM\"], \"num_attention_heads\": 3, \"hidden_size\": 24, \"num_hidden_layers\": 2";
    private const string Gpt2 = "\"model_type\": \"gpt2\", \"architectures\": [\"GPT2LMHeadModel\"], \"n_head\": 2, \"n_embd\": 20, \"n_layer\": 3";

    /// <summary>Layers unlike heads, other activations, head sizes of their own, shared layers, norms first.</summary>
    public static TheoryData<string> Configs => new(
        $"{Bert}, \"intermediate_size\": 40, \"hidden_act\": \"gelu\"",
        $"{Bert}, \"intermediate_size\": 23, \"hidden_act\": \"relu\"",
        $"{Bert}, \"intermediate_size\": 80, \"hidden_act\": \"silu\", \"head_dim\": 5",
        $"{Bert}, \"intermediate_size\": 64, \"hidden_act\": \"tanh\", \"layer_norm_eps\": 1e-3",
        $"{Bert}, \"intermediate_size\": 17, \"hidden_act\": \"gelu_new\", \"head_dim\": 11",
        "\"model_type\": \"roberta\", \"architectures\": [\"RobertaForMaskedLM\"], \"num_attention_heads\": 4, \"hidden_size\": 12, \"num_hidden_layers\": 5, \"intermediate_size\": 30, \"pad_token_id\": 1",
        "\"model_type\": \"electra\", \"architectures\": [\"ElectraForPreTraining\"], \"num_attention_heads\": 2, \"hidden_size\": 18, \"embedding_size\": 7, \"num_hidden_layers\": 3, \"intermediate_size\": 20",
        "\"model_type\": \"albert\", \"architectures\": [\"AlbertForMaskedLM\"], \"num_attention_heads\": 5, \"hidden_size\": 30, \"embedding_size\": 8, \"num_hidden_layers\": 4, \"num_hidden_groups\": 2, \"intermediate_size\": 37",
        "\"model_type\": \"distilbert\", \"architectures\": [\"DistilBertForMaskedLM\"], \"n_heads\": 1, \"dim\": 16, \"n_layers\": 2, \"hidden_dim\": 70, \"activation\": \"relu\"",
        $"{Gpt2}, \"n_inner\": 33, \"activation_function\": \"gelu_new\"",
        $"{Gpt2}, \"n_inner\": 96, \"activation_function\": \"relu\"");

    /// <summary>A model of a configuration, its vocabulary 50 words.</summary>
    public static Model Open(string config, int threads = 0) =>
        Model.From("random", Checkpoint.Random($$"""{{{config}}, "vocab_size": 50, "max_position_embeddings": 520}""", seed: 7), new ExecutionSettings { Device = "cpu", Threads = threads });

    /// <summary>A text of so many seeded ids.</summary>
    public static TokenInput Text(int tokens)
    {
        var random = new Random(tokens);
        return new([.. Enumerable.Range(0, tokens).Select(_ => random.Next(50))], new int[tokens]);
    }

    /// <summary>Methods at work on such a text.</summary>
    public static MethodRun Run(Model model, TokenInput text, string methods, CancellationToken cancellation = default) =>
        new(model, text, MethodRegistry.Parse(methods), new(), cancellation);
}
