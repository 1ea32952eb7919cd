using System.Runtime.InteropServices;
using AttentionServer.Graphs;

namespace AttentionServer.Tests.Graphs;

/// <summary>Numbers with a shape, in 64 bits.</summary>
internal sealed record Numbers(double[] Data, int[] Shape)
{
    public static int Size(int[] shape) => shape.Aggregate(1, (a, b) => a * b);
}

/// <summary>Computes a graph in 64-bit floats with plain loops: slow, and simple enough to be believed.</summary>
internal sealed class GraphInterpreter(GraphBuilder graph)
{
    public Numbers Run(Value wanted, IReadOnlyDictionary<string, Numbers> given)
    {
        var known = new Dictionary<string, Numbers>(given);
        foreach (var constant in graph.Constants)
            known[constant.Name] = new(Read(constant), [.. constant.Dims.Select(d => (int)d)]);
        foreach (var node in graph.Nodes)
        {
            if (known.ContainsKey(wanted.Name))
                break;
            known[node.Outputs[0].Name] = Apply(node, [.. node.Inputs.Select(i => known[i.Name])]);
        }

        return known[wanted.Name];
    }

    private static double[] Read(Constant constant) => constant.Type == ElementType.Int64
        ? [.. MemoryMarshal.Cast<byte, long>(constant.Data).ToArray().Select(n => (double)n)]
        : [.. MemoryMarshal.Cast<byte, float>(constant.Data).ToArray().Select(n => (double)n)];

    private static Numbers Apply(Node node, Numbers[] x)
    {
        long Attribute(string name, long otherwise) => node.Attributes.TryGetValue(name, out var value) ? (long)value : otherwise;
        return node.Operator switch
        {
            "Identity" or "Cast" => x[0],
            "Add" => Pairwise(x, (a, b) => a + b),
            "Sub" => Pairwise(x, (a, b) => a - b),
            "Mul" => Pairwise(x, (a, b) => a * b),
            "Div" => Pairwise(x, (a, b) => a / b),
            "Neg" => Each(x, a => -a),
            "Exp" => Each(x, Math.Exp),
            "Log" => Each(x, Math.Log),
            "Sqrt" => Each(x, Math.Sqrt),
            "Sign" => Each(x, a => Math.Sign(a)),
            "Erf" => Each(x, Erf),
            "Tanh" => Each(x, Math.Tanh),
            "Sigmoid" => Each(x, a => 1 / (1 + Math.Exp(-a))),
            "HardSigmoid" => Each(x, a => Math.Clamp(((float)node.Attributes["alpha"] * a) + (float)node.Attributes["beta"], 0, 1)),
            "Relu" => Each(x, a => Math.Max(0, a)),
            "Gelu" when node.Attributes.ContainsKey("approximate") => Each(x, a => 0.5 * a * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (a + (0.044715 * a * a * a))))),
            "Gelu" => Each(x, a => 0.5 * a * (1 + Erf(a / Math.Sqrt(2)))),
            "Softmax" => Rows(x[0], row =>
            {
                var (max, sum) = (row.Max(), 0.0);
                sum = row.Sum(a => Math.Exp(a - max));
                return [.. row.Select(a => Math.Exp(a - max) / sum)];
            }),
            "LogSoftmax" => Rows(x[0], row =>
            {
                var max = row.Max();
                var sum = Math.Log(row.Sum(a => Math.Exp(a - max)));
                return [.. row.Select(a => a - max - sum)];
            }),
            "GatherElements" => From(x[1].Shape, i => At(x[0], [i[0], (int)At(x[1], i)])),
            "ScatterElements" => From(x[0].Shape, i => At(x[0], i) + ((int)At(x[1], [i[0], 0]) == i[1] ? At(x[2], [i[0], 0]) : 0)),
            "LayerNormalization" => LayerNorm(x, (float)node.Attributes["epsilon"]),
            "MatMul" => MatMul(x[0], x[1]),
            "FusedMatMul" when Attribute("transA", 0) == 1 => MatMul(Turned(x[0]), x[1]),
            "FusedMatMul" => MatMul(x[0], Turned(x[1])),
            "Gemm" when Attribute("transA", 0) == 1 => MatMul(Transpose(x[0], [1, 0]), x[1]),
            "Gemm" => Gemm(x, Attribute("transB", 0) == 1),
            "Reshape" => new(x[0].Data, Resolve(x[1], x[0].Data.Length)),
            "Transpose" => Transpose(x[0], [.. ((long[])node.Attributes["perm"]).Select(i => (int)i)]),
            "Expand" => Pairwise([x[0], new(new double[Numbers.Size(Ints(x[1]))], Ints(x[1]))], (a, b) => a + b),
            "ReduceSum" => Reduce(x[0], Ints(x[1]), mean: false),
            "ReduceMean" => Reduce(x[0], Ints(x[1]), mean: true),
            "Gather" => Gather(x[0], x[1]),
            "Slice" => Slice(x[0], Ints(x[3])[0], Ints(x[1])[0], Ints(x[2])[0]),
            "Pad" => Pad(x[0], Ints(x[3])[0], Ints(x[1])),
            "Concat" => Concat(x, (int)Attribute("axis", 0)),
            "Shape" => Shape(x[0], (int)Attribute("start", 0), (int)Attribute("end", x[0].Shape.Length)),
            "ConstantOfShape" => new(new double[Numbers.Size(Ints(x[0]))], Ints(x[0])),
            "ScatterND" => Scatter(x[0], x[1], x[2]),
            var other => throw new NotSupportedException(other),
        };
    }

    private static int[] Ints(Numbers x) => [.. x.Data.Select(n => (int)n)];

    private static int[] Resolve(Numbers shape, int size)
    {
        var dims = Ints(shape);
        var rest = size / dims.Where(d => d > 0).Aggregate(1, (a, b) => a * b);
        return [.. dims.Select(d => d < 0 ? rest : d)];
    }

    private static Numbers Each(Numbers[] x, Func<double, double> f) => new([.. x[0].Data.Select(f)], x[0].Shape);

    /// <summary>The index of every element of a shape, in order.</summary>
    private static IEnumerable<int[]> Indices(int[] shape)
    {
        var index = new int[shape.Length];
        for (var n = Numbers.Size(shape); n > 0; n--)
        {
            yield return index;
            for (var axis = shape.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--)
                index[axis] = 0;
        }
    }

    /// <summary>An element by an index of as many axes or more; axes of length 1 repeat.</summary>
    private static double At(Numbers x, ReadOnlySpan<int> index)
    {
        var at = 0;
        for (var axis = 0; axis < x.Shape.Length; axis++)
            at = (at * x.Shape[axis]) + (x.Shape[axis] == 1 ? 0 : index[index.Length - x.Shape.Length + axis]);
        return x.Data[at];
    }

    private static Numbers From(int[] shape, Func<int[], double> f) => new([.. Indices(shape).Select(f)], shape);

    private static int[] Broadcast(int[] a, int[] b)
    {
        var rank = Math.Max(a.Length, b.Length);
        int Dim(int[] shape, int axis) => axis - rank + shape.Length is var at && at >= 0 ? shape[at] : 1;
        return [.. Enumerable.Range(0, rank).Select(axis => Math.Max(Dim(a, axis), Dim(b, axis)))];
    }

    private static Numbers Pairwise(Numbers[] x, Func<double, double, double> f) => From(Broadcast(x[0].Shape, x[1].Shape), i => f(At(x[0], i), At(x[1], i)));

    private static Numbers Rows(Numbers x, Func<double[], double[]> f) => new([.. x.Data.Chunk(x.Shape[^1]).SelectMany(f)], x.Shape);

    private static Numbers LayerNorm(Numbers[] x, double epsilon) => Rows(x[0], row =>
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(a => (a - mean) * (a - mean)) + epsilon);
        return [.. row.Select((a, i) => ((a - mean) / deviation * x[1].Data[i]) + x[2].Data[i])];
    });

    private static Numbers Turned(Numbers x)
    {
        var rank = x.Shape.Length;
        return Transpose(x, [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2]);
    }

    private static Numbers MatMul(Numbers a, Numbers b)
    {
        int[] leading = Broadcast(a.Shape[..^2], b.Shape[..^2]);
        var inner = a.Shape[^1];
        return From([.. leading, a.Shape[^2], b.Shape[^1]], i =>
            Enumerable.Range(0, inner).Sum(k => At(a, [.. i[..^1], k]) * At(b, [.. i[..^2], k, i[^1]])));
    }

    private static Numbers Gemm(Numbers[] x, bool turned) => From([x[0].Shape[0], turned ? x[1].Shape[0] : x[1].Shape[1]], i =>
        Enumerable.Range(0, x[0].Shape[1]).Sum(k => At(x[0], [i[0], k]) * (turned ? At(x[1], [i[1], k]) : At(x[1], [k, i[1]]))) + (x.Length == 3 ? At(x[2], i) : 0));

    private static Numbers Transpose(Numbers x, int[] order) => From([.. order.Select(axis => x.Shape[axis])], i =>
    {
        var index = new int[i.Length];
        for (var axis = 0; axis < i.Length; axis++)
            index[order[axis]] = i[axis];
        return At(x, index);
    });

    private static Numbers Reduce(Numbers x, int[] axes, bool mean)
    {
        int[] shape = [.. x.Shape.Select((d, axis) => axes.Contains(axis) ? 1 : d)];
        var sums = new double[Numbers.Size(shape)];
        foreach (var index in Indices(x.Shape))
            sums[Offset(shape, index)] += At(x, index);
        var count = mean ? x.Data.Length / sums.Length : 1;
        return new([.. sums.Select(s => s / count)], shape);
    }

    private static int Offset(int[] shape, int[] index) => index.Select((i, axis) => (i, axis)).Aggregate(0, (at, next) => (at * shape[next.axis]) + (shape[next.axis] == 1 ? 0 : next.i));

    private static Numbers Gather(Numbers table, Numbers indices) => From([.. indices.Shape, .. table.Shape[1..]], i =>
        At(table, [(int)At(indices, i.AsSpan(0, indices.Shape.Length)), .. i[indices.Shape.Length..]]));

    private static Numbers Slice(Numbers x, int axis, int start, int end)
    {
        var shape = (int[])x.Shape.Clone();
        shape[axis] = Math.Min(end, x.Shape[axis]) - start;
        return From(shape, i =>
        {
            var index = (int[])i.Clone();
            index[axis] += start;
            return At(x, index);
        });
    }

    private static Numbers Pad(Numbers x, int axis, int[] pads)
    {
        var shape = (int[])x.Shape.Clone();
        shape[axis] += pads[0] + pads[1];
        return From(shape, i =>
        {
            var index = (int[])i.Clone();
            index[axis] -= pads[0];
            return index[axis] >= 0 && index[axis] < x.Shape[axis] ? x.Data[index.Select((n, a) => (n, a)).Aggregate(0, (at, next) => (at * x.Shape[next.a]) + next.n)] : 0;
        });
    }

    private static Numbers Concat(Numbers[] x, int axis)
    {
        var shape = (int[])x[0].Shape.Clone();
        shape[axis] = x.Sum(part => part.Shape[axis]);
        return From(shape, i =>
        {
            var index = (int[])i.Clone();
            foreach (var part in x)
            {
                if (index[axis] < part.Shape[axis])
                    return part.Data[index.Select((n, a) => (n, a)).Aggregate(0, (at, next) => (at * part.Shape[next.a]) + next.n)];
                index[axis] -= part.Shape[axis];
            }

            throw new InvalidOperationException();
        });
    }

    private static Numbers Shape(Numbers x, int start, int end) => new([.. x.Shape[start..end].Select(d => (double)d)], [end - start]);

    private static Numbers Scatter(Numbers data, Numbers indices, Numbers updates)
    {
        var result = (double[])data.Data.Clone();
        var row = Numbers.Size(data.Shape[1..]);
        for (var n = 0; n < indices.Data.Length; n++)
            for (var d = 0; d < row; d++)
                result[((int)indices.Data[n] * row) + d] += updates.Data[(n * row) + d];
        return new(result, data.Shape);
    }

    /// <summary>By its series and, far out, its continued fraction: good to about 1e-15.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5.5)
            return Math.Sign(x);
        double term = x, sum = x;
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
