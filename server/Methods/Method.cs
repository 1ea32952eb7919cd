using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods;

/// <summary>A way to say what tokens draw on, or what heads do: turns a trace into scores. One file each.</summary>
public abstract class Method
{
    /// <summary>The id, which is also the tensor's name in an analysis file.</summary>
    public abstract string Id { get; }

    /// <summary>What pickers call it.</summary>
    public abstract string Title { get; }

    /// <summary>The family that pickers list it under.</summary>
    public virtual string Group => "Attention";

    /// <summary>The formula in one line.</summary>
    public abstract string Formula { get; }

    /// <summary>Who proposed it.</summary>
    public abstract string Paper { get; }

    /// <summary>What a bright cell means.</summary>
    public abstract string Reading { get; }

    /// <summary>What a bright cell does not mean.</summary>
    public abstract string Caution { get; }

    /// <summary>What its numbers are about.</summary>
    public virtual ScoreAxes Axes => ScoreAxes.Map;

    /// <summary>True when its numbers can be negative, and 0 is their middle.</summary>
    public virtual bool Signed => false;

    /// <summary>True when each layer's map tells of the input's tokens, all layers below included; false when it is about that layer alone.</summary>
    public virtual bool ThroughLayers => false;

    /// <summary>What the numbers of the last axis are called, where they have names.</summary>
    public virtual IReadOnlyList<string> Parts => [];

    /// <summary>What the trace must have recorded for itself.</summary>
    public virtual TraceRequest Needs => new();

    /// <summary>ids of the methods whose scores it starts from.</summary>
    public virtual IReadOnlyList<string> BuildsOn => [];

    /// <summary>True when its numbers are about a prediction: it needs a target, and its tensor is named after the head.</summary>
    public virtual bool ExplainsPrediction => false;

    /// <summary>Why it has no meaning for a model; null when it does.</summary>
    public virtual string? NotDefinedFor(Model model) => null;

    /// <summary>Why it cannot be computed for a model; null when it can.</summary>
    public string? ProblemWith(Model model) => ExplainsPrediction && model.Head == null ? "the model is a bare encoder and predicts nothing to explain" : NotDefinedFor(model);

    /// <summary>What it costs on top of the trace and of the methods it builds on.</summary>
    public virtual MethodCost Cost(Model model, int tokens) => default;

    /// <summary>The tensor's name in an analysis: what explains a prediction is named after the head.</summary>
    public string TensorName(Model model) => ExplainsPrediction && model.Head is { } head ? $"{head.Id()}.{Id}" : Id;

    /// <summary>Computes the scores.</summary>
    public abstract Scores Compute(MethodRun run, CancellationToken cancellation);
}

/// <summary>Multiply-adds counted twice, and bytes that have to be in memory at once.</summary>
public readonly record struct MethodCost(double Flops, long Bytes);
