using System.CommandLine;
using System.Runtime.InteropServices;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention runs work</c>: one worker on a run, which executors start; hidden, because a sweep starts them by itself.</summary>
internal static class RunsWorkCommand
{
    private static readonly Argument<string> Folder = new("DIR") { Description = "The folder of a run" };
    private static readonly Option<string> SliceOption = new("--slice") { Description = "Begin at the i-th of n parts of what is missing: i/n, from 0", DefaultValueFactory = _ => "0/1" };
    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "End when others have all that is missing, instead of waiting for them" };
    private static readonly Option<bool> UntilInputEnds = new("--until-input-ends") { Description = "Stop when standard input ends: with the process that started this one" };

    public static Command Create()
    {
        var command = new Command("work", "Go on with a run") { Folder, SliceOption, NoWait, UntilInputEnds };
        command.Hidden = true;
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    /// <summary>What ends a worker: 0 nothing left for it, 75 (EX_TEMPFAIL of sysexits.h) asked to stop with work left.</summary>
    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var text = arguments.GetValue(SliceOption)!;
        var slice = Slice.TryParse(text) ?? throw new CliException($"--slice {text}: command line: give i/n with i from 0 to n − 1");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        if (arguments.GetValue(UntilInputEnds))
            _ = Task.Run(() =>
            {
                while (Console.In.Read() >= 0)
                    continue;
                stop.Cancel();
            }, CancellationToken.None);
        try
        {
            var outcome = RunWorker.Work(
                arguments.GetValue(Folder)!,
                StudyRegistry.Default,
                GlobalOptions.Settings(arguments),
                new() { Slice = slice, WaitForOthers = !arguments.GetValue(NoWait) },
                new Line(terminal),
                stop.Token);
            terminal.Note($"{outcome.Computed} cells computed: {outcome.Progress}");
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            terminal.Note("Stopped: finished cells are kept");
            return 75;
        }
    }

    private sealed class Line(Terminal terminal) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => terminal.Live(value.ToString());
    }
}
