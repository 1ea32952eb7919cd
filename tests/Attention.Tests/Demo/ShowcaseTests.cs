using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Models.Catalog;

namespace AttentionServer.Tests.Demo;

/// <summary>What the texts under demo/ tell about the bundled models is so: another model must not spoil a story unseen.</summary>
public sealed class ShowcaseTests : IDisposable
{
    private readonly Lazy<Model> _words = new(() => Open("attention-mini"));

    public void Dispose()
    {
        if (_words.IsValueCreated)
            _words.Value.Dispose();
    }

    [Theory]
    [InlineData("agreement.md", "The dogs [MASK] very old.", "are", "is", 3)]
    [InlineData("agreement.md", "The dog [MASK] very old.", "is", "are", 3)]
    [InlineData("agreement.md", "The children [MASK] in the garden.", "were", "was", 2)]
    [InlineData("agreement.md", "The child [MASK] in the garden.", "was", "were", 3)]
    // Across a distractor the nearest noun decides, and the text says so.
    [InlineData("agreement.md", "The men who saw the ship [MASK] afraid.", "was", "were", 1.5)]
    [InlineData("agreement.md", "The man who saw the ships [MASK] afraid.", "were", "was", 1.5)]
    [InlineData("pronoun.md", "The queen loved [MASK] husband.", "her", "his", 2)]
    [InlineData("pronoun.md", "The king loved [MASK] wife.", "his", "her", 1)]
    [InlineData("pronoun.md", "My mother and [MASK] father live in London.", "her", "his", 1.3)]
    public void One_word_is_likelier_than_another(string file, string text, string likely, string unlikely, double times)
    {
        Contains(file, text);
        Contains(file, likely);
        double expected = Probability(text, likely), other = Probability(text, unlikely);
        Assert.True(expected > times * other, $"{text} {likely} {expected:0.000}, {unlikely} {other:0.000}");
    }

    [Theory]
    [InlineData(1, 2, "two tokens to the right")]
    [InlineData(4, -2, "two tokens to the left")]
    public void A_head_of_layer_2_looks_at_its_neighbours(int head, int offset, string told)
    {
        const string text = "In the morning she went down to the river and washed the clothes, while her brother slept.";
        Contains("neighbours.md", text);
        Contains("neighbours.md", $"head {head} looks {told}");
        Assert.True(Share(text, 1, head - 1, offset) > 0.6, $"{Share(text, 1, head - 1, offset)}");
    }

    [Fact]
    public void Heads_2_and_3_of_layer_2_share_a_token_with_the_neighbour_on_either_side()
    {
        const string text = "In the morning she went down to the river and washed the clothes, while her brother slept.";
        Contains("neighbours.md", "head 2 looks at the token itself and the one before, head 3 at the token itself and the one after");
        foreach (var (head, offset) in new[] { (1, -1), (2, 1) })
            Assert.True(Share(text, 1, head, offset) > 0.4 && Share(text, 1, head, offset) + Share(text, 1, head, 0) > 0.85, $"head {head + 1}");
    }

    private double Probability(string text, string word)
    {
        var model = _words.Value;
        var encoding = model.Tokenizer.Encode(text);
        using var trace = model.Trace(TokenInput.Of(encoding), new() { Logits = true, WordsAt = Prediction.Places(model, encoding, null) }, CancellationToken.None);
        var prediction = Assert.Single(Prediction.Read(model, encoding, trace.Logits!, Prediction.Places(model, encoding, null), 8192));
        return prediction.Candidates.Single(c => c.Text == word).Probability;
    }

    /// <summary>The mean share of attention that a head gives to the token so many places away, over tokens that are not special.</summary>
    private double Share(string text, int layer, int head, int offset)
    {
        var input = TokenInput.Of(_words.Value.Tokenizer.Encode(text));
        using var trace = _words.Value.Trace(input, new() { Attentions = true }, CancellationToken.None);
        return Enumerable.Range(1, input.Length - 2).Where(i => i + offset >= 0 && i + offset < input.Length).Average(i => (double)trace.Attentions[layer].At(head, i)[i + offset]);
    }

    private static Model Open(string name) => Model.Open(name, new ModelCatalog().Resolve(name).Folder, new ExecutionSettings { Device = "cpu" });

    private static void Contains(string file, string text) => Assert.Contains(text, File.ReadAllText(Path.Combine(Golden.Root, "demo", file)), StringComparison.Ordinal);
}
