using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>The published vocabularies of bert-base-uncased and gpt2.</summary>
public class RealVocabularyTests
{
    [RealVocabularyFact]
    public void Bert_reads_the_same_from_either_file()
    {
        var folder = Path.Combine(RealVocabularyFactAttribute.Folder, "bert-uncased");
        var (text, json) = (Tokenizer.Load(Path.Combine(folder, "vocab.txt")), Tokenizer.Load(Path.Combine(folder, "tokenizer.json")));
        Assert.Equal((30522, 30522), (text.VocabularySize, json.VocabularySize));
        var random = new Random(3);
        foreach (var sentence in Enumerable.Range(0, 500).Select(_ => RandomText.Next(random)).Append("The transformer's résumé: embeddings, attention & tokenization!"))
        {
            var (left, right) = (text.Encode(sentence), json.Encode(sentence));
            Assert.Equal(left.Tokens, right.Tokens);
        }
        Assert.Equal(
            ["[CLS]", "the", "transform", "##er", "'", "s", "resume", "##s", "[SEP]"],
            text.Encode("The transformer's résumés").Tokens.Select(token => token.Text));
    }

    [RealVocabularyFact]
    public void Gpt2_reads_its_original_files()
    {
        var tokenizer = Tokenizer.Load(Path.Combine(RealVocabularyFactAttribute.Folder, "gpt2"));
        Assert.Equal(50257, tokenizer.VocabularySize);
        Assert.Equal([15496, 995, 0, 220, 220, 220, 1279, 91, 437, 91, 29], tokenizer.EncodeToIds("Hello world!    <|end|>"));
        Assert.Equal([50256], tokenizer.EncodeToIds("<|endoftext|>"));
        Assert.Equal("Hello world!", tokenizer.Decode([15496, 995, 0]));
        Assert.Equal(new SpecialTokens { Bos = 50256, Eos = 50256 }, tokenizer.Special);
    }
}
