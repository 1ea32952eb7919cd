using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Models.Catalog;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Tests.Demo;

/// <summary>What the texts under demo/ tell about the bundled models is so: another model must not spoil a story unseen.</summary>
public sealed class ShowcaseTests : IDisposable
{
    private const string School = "The school was founded in 1851 by Mary Lyon in the town of Oxford. It has 300 students.";
    private const string Library = "The library opened in 1902 in the city of Boston. It was paid for by Andrew Carnegie and holds 40,000 books.";

    private readonly Lazy<Model> _words = new(() => Open("attention-mini"));
    private readonly Lazy<Model> _answers = new(() => Open("attention-mini-qa"));

    public void Dispose()
    {
        foreach (var model in new[] { _words, _answers }.Where(m => m.IsValueCreated))
            model.Value.Dispose();
    }

    [Theory]
    [InlineData("agreement.md", "The dogs [MASK] very old.", "are", "is", 3)]
    [InlineData("agreement.md", "The dog [MASK] very old.", "is", "are", 3)]
    [InlineData("agreement.md", "The children [MASK] in the garden.", "were", "was", 2)]
    [InlineData("agreement.md", "The child [MASK] in the garden.", "was", "were", 3)]
    // Across a distractor the nearest noun decides, and the text says so.
    [InlineData("agreement.md", "The men who saw the ship [MASK] afraid.", "was", "were", 1.5)]
    [InlineData("agreement.md", "The man who saw the ships [MASK] afraid.", "were", "was", 1.5)]
    [InlineData("pronoun.md", "The soldier said that [MASK] was tired.", "he", "she", 3)]
    [InlineData("pronoun.md", "The actress said that [MASK] was tired.", "she", "he", 1.5)]
    [InlineData("pronoun.md", "The men said that [MASK] were tired.", "they", "he", 3)]
    [InlineData("pronoun.md", "The woman opened [MASK] eyes.", "his", "her", 1.3)]
    public void One_word_is_likelier_than_another(string file, string text, string likely, string unlikely, double times)
    {
        Contains(file, text);
        Contains(file, likely);
        double expected = Probability(text, likely), other = Probability(text, unlikely);
        Assert.True(expected > times * other, $"{text} {likely} {expected:0.000}, {unlikely} {other:0.000}");
    }

    [Theory]
    [InlineData("She", "her")]
    [InlineData("He", "his")]
    [InlineData("They", "their")]
    [InlineData("We", "our")]
    [InlineData("I", "my")]
    public void The_pronoun_of_an_owner_is_the_likeliest_word_and_hangs_on_the_owner(string owner, string pronoun)
    {
        var text = $"{owner} opened [MASK] eyes.";
        Contains("pronoun.md", text);
        Assert.Contains(pronoun, File.ReadAllText(Path.Combine(Golden.Root, "demo", "pronoun.md")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(pronoun, Candidates(text)[0].Text);
        var blank = Candidates("[MASK] opened [MASK] eyes.").Single(c => c.Text == pronoun).Probability;
        Assert.True(blank < 0.75 * Probability(text, pronoun), $"{owner}: {blank:0.000} without, {Probability(text, pronoun):0.000} with");
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

    [Theory]
    [InlineData("When was the school founded?", School, "1851")]
    [InlineData("Who founded the school?", School, "Mary Lyon")]
    [InlineData("Where was the school founded?", School, "town of Oxford")]
    [InlineData("How many students does the school have?", School, "300")]
    [InlineData("When did the library open?", Library, "1902")]
    [InlineData("Who paid for the library?", Library, "Andrew Carnegie")]
    [InlineData("How many books does it hold?", Library, "40,000")]
    public void The_word_that_begins_the_question_decides_the_answer(string question, string passage, string answer)
    {
        Contains("question.md", question);
        Contains("question.md", passage);
        Contains("question.md", passage == School ? $"*{answer}*" : answer);
        Assert.Equal(answer, Answer(question, passage).Text);
    }

    [Fact]
    public void A_question_that_the_passage_does_not_answer_gets_short_bars()
    {
        Contains("question.md", "Why was the school founded?");
        Assert.InRange(Answer("Why was the school founded?", School).Probability, 0, 0.1);
    }

    [Theory]
    [InlineData("When was the school founded?")]
    [InlineData("Who founded the school?")]
    public void Without_the_passage_among_itself_in_layer_2_the_answer_is_lost(string question)
    {
        Contains("question.md", "P2, the passage among\nitself, in layer 2: without it the answer is lost");
        var text = new ZoneText(_answers.Value.Tokenizer.Encode(question, School));
        var report = ZoneReport.Of(_answers.Value, text, new() { Layers = [1] }, null, CancellationToken.None);
        var cell = report.Cells.Single(c => c.Cell.Zone.Id == "P2");
        Assert.True(cell.Changed && cell.DeltaProbability < -0.9 * report.Answer.Probability, $"{cell.DeltaProbability}");
        Assert.True(report.Cells.Single(c => c.Cell.Zone.Id == "Q2").DeltaProbability < -0.3, "Q2 in the same layer");
    }

    private Candidate Answer(string question, string passage)
    {
        var encoding = _answers.Value.Tokenizer.Encode(question, passage);
        using var trace = _answers.Value.Trace(TokenInput.Of(encoding), new() { Logits = true }, CancellationToken.None);
        return Prediction.Read(_answers.Value, encoding, trace.Logits!, [], 1)[0].Candidates[0];
    }

    private double Probability(string text, string word) => Candidates(text).Single(c => c.Text == word).Probability;

    /// <summary>All words for the last mask of the text, likeliest first.</summary>
    private IReadOnlyList<Candidate> Candidates(string text)
    {
        var model = _words.Value;
        var encoding = model.Tokenizer.Encode(text);
        var places = Prediction.Places(model, encoding, null);
        using var trace = model.Trace(TokenInput.Of(encoding), new() { Logits = true, WordsAt = places }, CancellationToken.None);
        return Prediction.Read(model, encoding, trace.Logits!, places, 8192)[^1].Candidates;
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
