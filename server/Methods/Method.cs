using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods;

/// <summary>A way to say what each token draws on: turns a trace into a context map. One file each.</summary>
public abstract class Method
{
    /// <summary>The id, which is also the tensor's name in an analysis file.</summary>
    public abstract string Id { get; }

    /// <summary>What pickers call it.</summary>
    public abstract string Title { get; }

    /// <summary>The formula in one line.</summary>
    public abstract string Formula { get; }

    /// <summary>Who proposed it.</summary>
    public abstract string Paper { get; }

    /// <summary>What a bright cell means.</summary>
    public abstract string Reading { get; }

    /// <summary>What a bright cell does not mean.</summary>
    public abstract string Caution { get; }

    /// <summary>What the trace must have recorded.</summary>
    public abstract TraceRequest Needs { get; }

    /// <summary>Why it has no meaning for a model; null when it does.</summary>
    public virtual string? NotDefinedFor(ModelConfig config) => null;

    /// <summary>Computes the scores.</summary>
    public abstract ContextMap Compute(Trace trace, CancellationToken cancellation);
}
