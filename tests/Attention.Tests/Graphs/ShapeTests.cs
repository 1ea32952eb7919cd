using AttentionServer.Graphs;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Graphs;

public class ShapeTests
{
    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "add", ["Add", "[B,T,768]", "[B,T,32]", "do not broadcast"] },
        { "types", ["Add", "Int64", "Float"] },
        { "matmul", ["MatMul", "[B,T,768]", "[32,64]", "768 and 32"] },
        { "linear", ["Gemm", "[N,8]", "[4,9]", "9"] },
        { "bias", ["Gemm", "[4,8]", "[5]"] },
        { "layernorm", ["LayerNormalization", "[B,T,768]", "[32]"] },
        { "reshape", ["Reshape", "[B,T,768]", "768*B*T", "[B,T,700]"] },
        { "transpose", ["Transpose", "(0,0,1)"] },
        { "gather", ["Gather", "Int64"] },
        { "slice", ["Slice", "0…9"] },
        { "concat", ["Concat", "[4,8]", "[5,9]"] },
        { "gelu", ["Gelu", "Int64"] },
        { "name", ["'x'"] },
        { "unknown", ["Reshape", "Q"] },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_wrong_shape_is_an_exception_that_names_operator_and_shapes(string mistake, string[] named)
    {
        var g = new GraphBuilder();
        var x = g.Input("x", ElementType.Float, "B", "T", 768);
        var rows = g.Input("rows", ElementType.Float, "N", 8);
        var ids = g.Input("ids", ElementType.Int64, "B", "T");
        Value W(params Dim[] shape) => g.Weight($"w{string.Join('.', shape)}", shape);
        Func<Value> build = mistake switch
        {
            "add" => () => g.Add(x, g.Input("y", ElementType.Float, "B", "T", 32)),
            "types" => () => g.Add(ids, x),
            "matmul" => () => g.MatMul(x, W(32, 64)),
            "linear" => () => g.Linear(rows, W(4, 9), W(4)),
            "bias" => () => g.Linear(rows, W(4, 8), W(5)),
            "layernorm" => () => g.LayerNorm(x, W(32), W(768), 1e-5f),
            "reshape" => () => g.Reshape(x, "B", "T", 700),
            "transpose" => () => g.Transpose(x, 0, 0, 1),
            "gather" => () => g.Gather(W(4, 8), x),
            "slice" => () => g.Slice(W(4, 8), 1, 0, 9),
            "concat" => () => g.Concat(0, W(4, 8), W(5, 9)),
            "gelu" => () => g.Gelu(ids),
            "name" => () => g.Input("x", ElementType.Float, 1),
            "unknown" => () => g.Slice(W(4, 8), 0, 0, "Q"),
            _ => throw new ArgumentException(mistake),
        };
        var message = Assert.Throws<GraphException>(build).Message;
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Broadcasting_follows_numpy_for_any_shapes()
    {
        var dims = Gen.Elements(1L, 2L, 3L).ArrayOf();
        Prop.ForAll(Arb.From(dims), Arb.From(dims), (a, b) =>
        {
            var shape = Shape.Broadcast(new([.. a.Select(d => (Dim)d)]), new([.. b.Select(d => (Dim)d)]));
            var rank = Math.Max(a.Length, b.Length);
            long At(long[] dims, int fromEnd) => fromEnd < dims.Length ? dims[dims.Length - 1 - fromEnd] : 1;
            var fits = Enumerable.Range(0, rank).All(i => At(a, i) == At(b, i) || At(a, i) == 1 || At(b, i) == 1);
            return fits == (shape != null)
                && (shape == null || Enumerable.Range(0, rank).All(i => shape[-1 - i] == Math.Max(At(a, i), At(b, i))));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Products_of_symbols_do_not_depend_on_their_order()
    {
        Assert.Equal((Dim)"B" * "T" * 12, (Dim)12 * ((Dim)"T" * "B"));
        Assert.NotEqual((Dim)"B" * "T", (Dim)"B");
        Assert.Equal("12*B*T", ((Dim)"T" * 12 * "B").ToString());
    }
}
