using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Models;

namespace AttentionServer.Tests.Engine;

/// <summary>Interventions as they are written in files.</summary>
public class InterventionFileTests
{
    [Fact]
    public void What_is_written_is_what_is_done()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var read = InterventionFile.Parse(
            """
            { "interventions": [
                { "place": "heads", "layers": [2], "heads": [3], "scale": 0 },
                { "place": "Scores", "tokens": [4], "keys": [5, 6], "strength": 0.5 },
                { "place": "attention", "strength": 0.25 },
                { "place": "hidden", "layers": [3], "neurons": [17], "set": 1.5 }, // kept
                { "tokens": [3], "replace": "[MASK]" },
                { "tokens": [1], "replace": 7 },
            ] }
            """, "test", model);
        Assert.Equal(6, read.Count);
        Assert.Equal((InterventionPlace.Heads, 0f, 0f), (read[0].Place, read[0].Scale, read[0].Shift));
        Assert.Equal([3], read[0].Heads!);
        Assert.Equal(MathF.Log(0.5f), read[1].Shift, 1e-6);
        Assert.Equal(0.75f, read[2].Scale);
        Assert.Equal((0f, 1.5f), (read[3].Scale, read[3].Shift));
        Assert.Equal(model.RolesIn(new TokenInput([2, 3], [0, 0])).Blank, read[4].Id);
        Assert.Equal(7, read[5].Id);
    }

    [Theory]
    [InlineData("[]", "the file must be")]
    [InlineData("{\"interventions\": [", "not valid JSON (line 1)")]
    [InlineData("{\"interventions\": [3]}", "number 1: it is not an object")]
    [InlineData("{\"interventions\": [{\"place\": \"soul\", \"scale\": 0}]}", "place 'soul' is not known: use hidden, queries")]
    [InlineData("{\"interventions\": [{\"place\": \"heads\"}]}", "it does not say what to do")]
    [InlineData("{\"interventions\": [{\"place\": \"heads\", \"strength\": 1}]}", "strength goes with scores and attention")]
    [InlineData("{\"interventions\": [{\"place\": \"scores\", \"strength\": 1, \"scale\": 0}]}", "leave scale out")]
    [InlineData("{\"interventions\": [{\"place\": \"heads\", \"layer\": [1], \"scale\": 0}]}", "'layer' is not known")]
    [InlineData("{\"interventions\": [{\"place\": \"heads\", \"layers\": 1, \"scale\": 0}]}", "layers must be a list")]
    [InlineData("{\"interventions\": [{\"place\": \"heads\", \"scale\": \"0\"}]}", "scale must be a number")]
    [InlineData("{\"interventions\": [{\"replace\": \"notaword\"}]}", "replace must be a token")]
    public void What_is_wrong_is_named(string json, string message)
    {
        using var model = GoldenModels.Open("bert", "mlm");
        Assert.Contains(message, Assert.Throws<EngineException>(() => InterventionFile.Parse(json, "test", model)).Message, StringComparison.Ordinal);
    }
}
