using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.RunHost;

// RunHost DIR [--slice i/n] [--expiry SECONDS] [--no-wait] [--until-input-ends] [--die-at N] [--fail-once FILE]: works on a run; with --die-at
// the process kills itself between writing its N-th cell and giving it its name, with --fail-once it fails when FILE is there, and deletes it.
// Exit code 0 when it ended by itself, 75 when it was asked to stop.
string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 ? args[at + 1] : null;

if (Option("--die-at") is { } number)
{
    var left = int.Parse(number, CultureInfo.InvariantCulture);
    DurableFile.BeforeRename = path =>
    {
        if (path.EndsWith(".cell", StringComparison.Ordinal) && --left == 0)
            Process.GetCurrentProcess().Kill();
    };
}

if (Option("--fail-once") is { } mark && File.Exists(mark))
{
    File.Delete(mark);
    Console.Error.WriteLine("the mark was there");
    return 3;
}

using var stop = new CancellationTokenSource();
if (args.Contains("--until-input-ends"))
    _ = Task.Run(() =>
    {
        while (Console.In.Read() >= 0)
            continue;
        stop.Cancel();
    });
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
try
{
    var outcome = RunWorker.Work(args.First(RunFolder.Exists), new StudyRegistry(new RehearsalStudy()), new(), new()
    {
        Slice = Option("--slice") is { } slice ? Slice.TryParse(slice)!.Value : Slice.Whole,
        WaitForOthers = !args.Contains("--no-wait"),
        ClaimExpiry = TimeSpan.FromSeconds(Option("--expiry") is { } seconds ? double.Parse(seconds, CultureInfo.InvariantCulture) : 60),
    }, new Ready(), stop.Token);
    Console.WriteLine($"computed {outcome.Computed}");
    return 0;
}
catch (OperationCanceledException)
{
    return 75;
}
catch (AttentionServer.UserException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

/// <summary>Says "ready" when the work begins: before that there is nothing to disturb.</summary>
internal sealed class Ready : IProgress<RunProgress>
{
    private bool _said;

    public void Report(RunProgress value)
    {
        if (!_said)
            Console.WriteLine("ready");
        _said = true;
    }
}
