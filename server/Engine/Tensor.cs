using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>Numbers with a shape, row-major, valid as long as the trace they belong to.</summary>
public sealed class Tensor
{
    private readonly float[]? _array;
    private readonly RunResult? _run;
    private readonly string _name = "";
    private readonly int _offset;

    /// <summary>Numbers of one's own.</summary>
    public Tensor(float[] values, params int[] shape)
    {
        (_array, Shape) = (values, shape);
        if (values.Length != Length)
            throw new ArgumentException($"{values.Length} numbers do not fill [{string.Join(',', shape)}]");
    }

    private Tensor(float[] values, int offset, int[] shape) => (_array, _offset, Shape) = (values, offset, shape);

    internal Tensor(RunResult run, string name, int offset, int[] shape) => (_run, _name, _offset, Shape) = (run, name, offset, shape);

    /// <summary>The dimensions.</summary>
    public int[] Shape { get; }

    /// <summary>How many numbers.</summary>
    public int Length => Shape.Aggregate(1, (a, b) => a * b);

    /// <summary>All numbers.</summary>
    public ReadOnlySpan<float> Span => (_array ?? _run!.Floats(_name)).Slice(_offset, Length);

    /// <summary>The numbers as an array: its own, or a copy where they lie elsewhere.</summary>
    public float[] ToArray() => _array?.Length == Length ? _array : Span.ToArray();

    /// <summary>Some of numbers of one's own, along the first axis, in the same memory.</summary>
    public Tensor Rows(int start, int count)
    {
        if (start < 0 || count < 0 || start + count > Shape[0])
            throw new ArgumentOutOfRangeException(nameof(count), $"rows {start} to {start + count} are outside [{string.Join(',', Shape)}]");
        return new(_array ?? throw new InvalidOperationException("The numbers are a run's."), _offset + (start * (Length / Shape[0])), [count, .. Shape[1..]]);
    }

    /// <summary>The same numbers under other dimensions.</summary>
    public Tensor Shaped(params int[] shape) => shape.Aggregate(1, (a, b) => a * b) == Length
        ? new(_array ?? throw new InvalidOperationException("The numbers are a run's."), _offset, shape)
        : throw new ArgumentException($"{Length} numbers are not [{string.Join(',', shape)}]", nameof(shape));

    /// <summary>For the runtime, without a copy where the numbers are one's own.</summary>
    internal OrtValue ToOrtValue() => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _array == null ? Span.ToArray() : _array.AsMemory(_offset, Length), [.. Shape.Select(d => (long)d)]);

    /// <summary>The part under the first indices: tensor[2, 1] of [L,H,T,T] is one [T,T].</summary>
    public ReadOnlySpan<float> At(params ReadOnlySpan<int> index)
    {
        var size = Length;
        var start = 0;
        for (var i = 0; i < index.Length; i++)
        {
            if ((uint)index[i] >= (uint)Shape[i])
                throw new ArgumentOutOfRangeException(nameof(index), $"index {index[i]} is outside axis {i} of [{string.Join(',', Shape)}]");
            size /= Shape[i];
            start += index[i] * size;
        }

        return Span.Slice(start, size);
    }

    /// <summary>The leading corner of this shape, copied: what is left when padding is cut off.</summary>
    internal Tensor Crop(int[] shape)
    {
        if (shape.AsSpan().SequenceEqual(Shape))
            return this;
        var cropped = new float[shape.Aggregate(1, (a, b) => a * b)];
        Copy(Span, Shape, cropped, shape);
        return new(cropped, shape);

        static void Copy(ReadOnlySpan<float> from, ReadOnlySpan<int> fromShape, Span<float> to, ReadOnlySpan<int> toShape)
        {
            if (fromShape.Length == 1)
            {
                from[..toShape[0]].CopyTo(to);
                return;
            }

            int fromStep = from.Length / fromShape[0], toStep = to.Length / toShape[0];
            for (var i = 0; i < toShape[0]; i++)
                Copy(from.Slice(i * fromStep, fromStep), fromShape[1..], to.Slice(i * toStep, toStep), toShape[1..]);
        }
    }
}
