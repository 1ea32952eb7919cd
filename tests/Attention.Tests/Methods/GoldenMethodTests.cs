using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

/// <summary>Every method agrees with the float64 references wherever they have its tensor.</summary>
public class GoldenMethodTests
{
    // Distances near 0 and derivatives lose more digits in 32 bits than sums do.
    private static readonly string[] Loose = ["vz", "grad", "ig_", "blank"];

    public static IEnumerable<object[]> Cases =>
        from model in GoldenModels.All.DistinctBy(m => m.Architecture)
        from method in MethodRegistry.All
        where !method.ExplainsPrediction
        from input in GoldenModels.Inputs
        select new object[] { model.Architecture, model.Head, method.Id, input };

    [Theory, MemberData(nameof(Cases))]
    public void A_method_agrees_with_its_reference(string architecture, string head, string id, string input)
    {
        var method = MethodRegistry.Find(id);
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, input);
        if (!expected.Has(id))
        {
            // Flow is in the references for short texts only; everything else that is missing is not defined there.
            Assert.True(method.NotDefinedFor(model) != null || (id.StartsWith("flow", StringComparison.Ordinal) && input == "C") || id is "random" or "flow_layers" or "mds_classical" or "mds_smacof" or "head_patterns" or "head_tree", $"{architecture}: no reference for {id}");
            return;
        }

        Assert.Null(method.NotDefinedFor(model));
        using var run = new MethodRun(model, expected.Input(), [method], new(), CancellationToken.None);
        var scores = run.Of(method).Values;
        Assert.Equal(expected.Shape(id), scores.Shape);
        GoldenModels.Near(expected.Floats(id), scores.Span, id, Loose.Any(id.Contains) ? 1e-3 : 1e-4);
    }
}
