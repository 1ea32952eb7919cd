using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Cli.Bench;

/// <summary>One timed thing: the median of several runs, half the distance between quartiles, and what it multiplied a second.</summary>
internal sealed record BenchResult(string Method, double Seconds, double Spread, double Gflops, double PeakMemoryMB);

/// <summary>What is timed: a forward pass with all attentions, and methods including their forward pass.</summary>
internal sealed class BenchWork(int length, int batch)
{
    private const string Forward = "forward";

    public int Length => length;

    public int Batch => batch;

    public static void Check(string method)
    {
        if (method != Forward)
            _ = MethodRegistry.Parse(method);
    }

    public BenchResult Time(string method, Model model, int repeats, CancellationToken cancellation)
    {
        var inputs = Enumerable.Range(0, batch).Select(b => Input(model, b)).ToList();
        void Once()
        {
            if (method == Forward)
                Run(model, inputs, cancellation);
            else
                foreach (var input in inputs)
                {
                    var methods = MethodRegistry.Parse(method);
                    using var run = new MethodRun(model, input, methods, new(), cancellation);
                    foreach (var m in methods)
                        run.Of(m);
                }
        }

        Once();
        var seconds = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Once();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        var median = seconds[repeats / 2];
        using var process = Process.GetCurrentProcess();
        return new(method, median, (seconds[repeats * 3 / 4] - seconds[repeats / 4]) / 2, model.ForwardFlops(length) * batch / median / 1e9, process.PeakWorkingSet64 / 1e6);
    }

    private static void Run(Model model, List<TokenInput> inputs, CancellationToken cancellation)
    {
        var wanted = new TraceRequest { Attentions = true };
        if (inputs.Count == 1)
            model.Trace(inputs[0], wanted, cancellation).Dispose();
        else
            foreach (var trace in model.TraceBatch(inputs, wanted, cancellation))
                trace.Dispose();
    }

    private TokenInput Input(Model model, int seed)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, length).Select(_ => random.Next(model.Config.VocabularySize))], new int[length]);
    }

}
