using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

public class GoldenMethodTests
{
    public static IEnumerable<object[]> Cases => from method in MethodRegistry.All from input in GoldenModels.Inputs select new object[] { method.Id, input };

    [Theory, MemberData(nameof(Cases))]
    public void A_method_agrees_with_its_reference(string id, string input)
    {
        var method = MethodRegistry.Parse(id)[0];
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", input);
        using var trace = model.Trace(expected.Input(), method.Needs, CancellationToken.None);
        GoldenModels.Near(expected.Floats(id), method.Compute(trace, CancellationToken.None).Scores, id);
    }
}
