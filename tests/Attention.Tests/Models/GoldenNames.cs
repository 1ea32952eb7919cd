using AttentionServer.Models;

namespace AttentionServer.Tests.Models;

/// <summary>The weights of each architecture by the names that current Hugging Face saves use, with their shapes.</summary>
internal static class GoldenNames
{
    public static IEnumerable<(string[] Names, long[] Shape)> Of(ModelConfig c, string head)
    {
        long d = c.Hidden, f = c.Intermediate, e = c.EmbeddingSize, v = c.VocabularySize, n = c.Labels.Count;
        var weights = new List<(string[], long[])>();
        void One(string name, params long[] shape) => weights.Add(([name], shape));
        void Norm(string name, long size) { One(name + ".weight", size); One(name + ".bias", size); }
        void Linear(string name, long to, long from) { One(name + ".weight", to, from); One(name + ".bias", to); }
        void Tied(string name, string to, params long[] shape) => weights.Add(([name, to], shape));

        var p = c.BasePrefix;
        if (c.ModelType == "gpt2")
        {
            One(p + "wte.weight", v, d);
            One(p + "wpe.weight", c.MaxPositions, d);
            for (var l = 0; l < c.Layers; l++)
            {
                var h = $"{p}h.{l}.";
                Norm(h + "ln_1", d);
                Norm(h + "ln_2", d);
                foreach (var (name, from, to) in new[] { ("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d), ("mlp.c_fc", d, f), ("mlp.c_proj", f, d) })
                {
                    One(h + name + ".weight", from, to);
                    One(h + name + ".bias", to);
                }
            }
            Norm(p + "ln_f", d);
            if (head == "cls")
                One("score.weight", n, d);
            else
                Tied("lm_head.weight", p + "wte.weight", v, d);
            return weights;
        }

        One(p + "embeddings.word_embeddings.weight", v, e);
        One(p + "embeddings.position_embeddings.weight", c.MaxPositions, e);
        if (c.TypeVocabularySize > 0)
            One(p + "embeddings.token_type_embeddings.weight", c.TypeVocabularySize, e);
        Norm(p + "embeddings.LayerNorm", e);
        if (c.ModelType == "electra")
            Linear(p + "embeddings_project", d, e);
        if (c.ModelType == "albert")
            Linear(p + "encoder.embedding_hidden_mapping_in", d, e);

        for (var l = 0; l < (c.ModelType == "albert" ? 1 : c.Layers); l++)
        {
            var (b, names) = c.ModelType switch
            {
                "distilbert" => ($"{p}transformer.layer.{l}.", new[] { "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm" }),
                "albert" => ($"{p}encoder.albert_layer_groups.0.albert_layers.0.", ["attention.query", "attention.key", "attention.value", "attention.dense", "attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm"]),
                _ => ($"{p}encoder.layer.{l}.", ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"]),
            };
            foreach (var linear in names[..4])
                Linear(b + linear, d, d);
            Norm(b + names[4], d);
            Linear(b + names[5], f, d);
            Linear(b + names[6], d, f);
            Norm(b + names[7], d);
        }

        if (c.ModelType == "bert" && head == "cls")
            Linear("bert.pooler.dense", d, d);
        if (c.ModelType == "albert" && head == "cls")
            Linear("albert.pooler", d, d);
        if (c.ModelType == "distilbert" && head == "cls")
            Linear("pre_classifier", d, d);
        if (head == "qa")
            Linear("qa_outputs", 2, d);
        if (head == "cls" && c.ModelType is "roberta" or "electra")
        {
            Linear("classifier.dense", d, d);
            Linear("classifier.out_proj", n, d);
        }
        else if (head == "cls")
        {
            Linear("classifier", n, d);
        }
        if (head == "disc")
        {
            Linear("discriminator_predictions.dense", d, d);
            Linear("discriminator_predictions.dense_prediction", 1, d);
        }
        if (head is "mlm" or "mlm_legacy")
        {
            var (dense, norm, decoder, bias) = c.ModelType switch
            {
                "bert" => ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder.weight", "cls.predictions.bias"),
                "roberta" => ("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder.weight", "lm_head.bias"),
                "distilbert" => ("vocab_transform", "vocab_layer_norm", "vocab_projector.weight", "vocab_projector.bias"),
                "electra" => ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.weight", "generator_lm_head.bias"),
                _ => ("predictions.dense", "predictions.LayerNorm", "predictions.decoder.weight", "predictions.bias"),
            };
            Linear(dense, e, d);
            Norm(norm, e);
            Tied(decoder, p + "embeddings.word_embeddings.weight", v, e);
            Tied(bias.Replace(".bias", ".decoder.bias", StringComparison.Ordinal), bias, v);
        }
        return weights;
    }
}
