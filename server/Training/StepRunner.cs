using System.Numerics;
using System.Runtime.InteropServices;
using AttentionServer.Engine;
using AttentionServer.Graphs;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using Architecture = AttentionServer.Models.Architectures.Architecture;

namespace AttentionServer.Training;

/// <summary>Runs batches through a model forward and back again: losses and gradients out of the architecture's own graph.</summary>
public sealed class StepRunner : IDisposable
{
    private readonly Parameters _parameters;
    private readonly Architecture _architecture;
    private readonly HeadKind _head;
    private readonly DeviceChoice _device;
    private readonly DropoutMasks? _masks;
    private readonly Dictionary<GraphSpec, (StepSession Session, GraphBuilder Graph)> _sessions = [];
    private readonly Dictionary<string, float[]> _rows = [];
    private Slab? _more;

    /// <summary>Gets ready to run a model with these parameters.</summary>
    public StepRunner(Parameters parameters, HeadKind head, ExecutionSettings execution, double dropout = 0, int seed = 0)
    {
        (_parameters, _head, _architecture) = (parameters, head, ArchitectureRegistry.For(parameters));
        _device = DeviceChoice.For(execution);
        _masks = dropout > 0 ? new(dropout, seed, parameters.Config, execution.EffectiveThreads) : null;
    }

    /// <summary>The device it runs on.</summary>
    public DeviceChoice Device => _device;

    /// <summary>Loss and number of right guesses over a batch, summed over its choices; nothing is dropped.</summary>
    public (double Loss, int Right) Evaluate(Batch batch, CancellationToken cancellation)
    {
        var spec = Spec(batch, backward: false);
        var inputs = new StepInputs(batch, spec, _architecture, _parameters.Config);
        var (losses, guesses) = (new float[batch.Choices], new long[batch.Choices]);
        Session(spec).Session.Run(
            inputs.All, [], [new(GraphNames.RowLosses, losses, [batch.Choices, 1]), new(GraphNames.Guesses, guesses, [batch.Choices, 1])], cancellation);
        return (losses.Sum(l => (double)l), guesses.Zip(inputs.Targets).Count(p => p.First == p.Second));
    }

    /// <summary>
    /// The gradient of Σ loss · weight of a batch into <paramref name="gradients"/>, or added to what is there; returns Σ loss
    /// over its choices. <paramref name="number"/> tells batches apart for what is dropped.
    /// </summary>
    internal double Backward(Batch batch, float weight, long number, Slab gradients, bool add, CancellationToken cancellation)
    {
        var spec = Spec(batch, backward: true);
        var inputs = new StepInputs(batch, spec, _architecture, _parameters.Config);
        var weights = new float[batch.Choices];
        Array.Fill(weights, weight);
        inputs.Add(GraphNames.TargetWeights, weights, batch.Choices, 1);
        _masks?.AddTo(inputs, batch, spec, number);

        var (session, graph) = Session(spec);
        var target = add ? _more ??= new(_parameters.Size) : gradients;
        var losses = new float[batch.Choices];
        var dense = _parameters.All.Where(p => graph.Outputs.ContainsKey(GraphNames.WeightGradient(p.Name))).ToList();
        var tables = _parameters.All.Where(p => graph.Outputs.ContainsKey(GraphNames.RowGradient(p.Name))).ToList();
        var rows = (long)batch.Texts.Count * batch.Length;
        var rowGradients = tables.Select(t => new StepNumbers(GraphNames.RowGradient(t.Name), Rows(t, rows), [batch.Texts.Count, batch.Length, t.Shape[1]])).ToList();
        session.Run(
            inputs.All,
            [.. dense.Select(p => new StepMemory(GraphNames.WeightGradient(p.Name), p.Shape, target.Pointer(p.Offset)))],
            [new(GraphNames.RowLosses, losses, [batch.Choices, 1]), .. rowGradients],
            cancellation);
        foreach (var (table, gradient) in tables.Zip(rowGradients))
        {
            var into = target.Span(table.Offset, table.Count);
            if (!dense.Contains(table))
                into.Clear();
            AddRows(into, (float[])gradient.Values, inputs.LookedUp(table.Name, _architecture.WordTable), (int)table.Shape[1]);
        }

        if (add)
            foreach (var parameter in _parameters.All)
                Add(gradients.Span(parameter.Offset, parameter.Count), target.Span(parameter.Offset, parameter.Count));
        return losses.Sum(l => (double)l);
    }

    /// <summary>The loss of a batch and its gradient with respect to every parameter, by name.</summary>
    public (double Loss, IReadOnlyDictionary<string, float[]> Gradients) Gradients(Batch batch, CancellationToken cancellation)
    {
        using var gradients = new Slab(_parameters.Size);
        var loss = Backward(batch, 1f / batch.Choices, 0, gradients, add: false, cancellation);
        return (loss / batch.Choices, _parameters.All.ToDictionary(p => p.Name, p => gradients.Span(p.Offset, p.Count).ToArray()));
    }

    /// <summary>The graph of a batch.</summary>
    internal GraphBuilder Compose(Batch batch, bool backward) => _architecture.Compose(_parameters, Spec(batch, backward));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (session, _) in _sessions.Values)
            session.Dispose();
        _more?.Dispose();
    }

    private GraphSpec Spec(Batch batch, bool backward) => new()
    {
        Head = _head,
        PickedRows = _head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel,
        Padded = batch.Padded,
        Training = new(backward, Dropout: backward && _masks != null),
    };

    private (StepSession Session, GraphBuilder Graph) Session(GraphSpec spec)
    {
        if (_sessions.TryGetValue(spec, out var known))
            return known;
        var graph = _architecture.Compose(_parameters, spec);
        var weights = from input in graph.Inputs
                      let table = _parameters.All.FirstOrDefault(p => GraphNames.Table(p.Name) == input.Name)
                      let parameter = _parameters.Find(input.Name) ?? table
                      where parameter != null
                      select new StepMemory(input.Name, parameter.Shape, _parameters.Values.Pointer(parameter.Offset));
        return _sessions[spec] = (new(_parameters.Folder, graph, weights, _device), graph);
    }

    private float[] Rows(Parameter table, long rows)
    {
        if (!_rows.TryGetValue(table.Name, out var known) || known.Length != rows * table.Shape[1])
            _rows[table.Name] = known = new float[rows * table.Shape[1]];
        return known;
    }

    private static void AddRows(Span<float> table, float[] rows, long[] places, int width)
    {
        for (var i = 0; i < places.Length; i++)
            Add(table.Slice((int)places[i] * width, width), rows.AsSpan(i * width, width));
    }

    private static void Add(Span<float> to, ReadOnlySpan<float> from)
    {
        var sums = MemoryMarshal.Cast<float, Vector<float>>(to);
        var more = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var i = 0; i < sums.Length; i++)
            sums[i] += more[i];
        for (var i = sums.Length * Vector<float>.Count; i < to.Length; i++)
            to[i] += from[i];
    }
}
