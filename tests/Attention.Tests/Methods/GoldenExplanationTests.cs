using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

/// <summary>Methods that explain a prediction agree with the float64 references, on every head.</summary>
public class GoldenExplanationTests
{
    public static IEnumerable<object[]> Cases =>
        from model in GoldenModels.All
        from method in MethodRegistry.All
        where method.ExplainsPrediction
        from input in GoldenModels.Inputs
        select new object[] { model.Architecture, model.Head, method.Id, input };

    [Theory, MemberData(nameof(Cases))]
    public void An_explanation_agrees_with_its_reference(string architecture, string head, string id, string name)
    {
        var method = MethodRegistry.Find(id);
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, name);
        using var run = new MethodRun(model, expected.Input(), [method], new(), CancellationToken.None);
        var scores = run.Of(method).Values;
        Assert.All(scores.ToArray(), score => Assert.True(float.IsFinite(score)));
        var tensor = method.TensorName(model);
        if (!expected.Has(tensor))
            return;
        Assert.Equal(expected.Shape(tensor), scores.Shape);
        GoldenModels.Near(expected.Floats(tensor), scores.Span, tensor, 1e-3);
    }
}
