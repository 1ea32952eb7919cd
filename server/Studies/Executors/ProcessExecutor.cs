using System.Diagnostics;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>
/// Several worker processes on this machine, one for each device. They end with their input, so that none outlives this process, however it
/// ends. One that fails is started again, a few times.
/// </summary>
public sealed class ProcessExecutor(IReadOnlyList<string> devices) : IExecutor
{
    private const int Attempts = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public RunOutcome Execute(RunFolder run, IStudy study, ExecutorOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        run.Check(study.Fingerprints(run.Manifest, cancellation));
        var plan = study.Plan(run.Manifest);
        var missing = run.Missing(plan).Count;
        var meter = new FolderMeter(run, plan);
        progress?.Report(meter.Look());
        if (missing == 0)
            return new(0, meter.Look());

        var workers = devices.Select((device, i) => new Worker([.. options.WorkerCommand, run.Path, "--slice", $"{new Slice(i, devices.Count)}", "--device", device, "--until-input-ends"])).ToList();
        try
        {
            var looked = Stopwatch.StartNew();
            while (workers.Any(w => w.IsRunning()))
            {
                if (cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(50)))
                    cancellation.ThrowIfCancellationRequested();
                if (looked.Elapsed < options.Poll)
                    continue;
                progress?.Report(meter.Look());
                looked.Restart();
            }
        }
        finally
        {
            // All are asked before any is waited for.
            workers.ForEach(w => w.Ask());
            workers.ForEach(w => w.Dispose());
        }

        var left = run.Missing(plan).Count;
        var outcome = new RunOutcome(missing - left, meter.Look());
        progress?.Report(outcome.Progress);
        return left == 0 ? outcome : throw new RunException($"run: {run.Path}: {left} cells are missing because workers failed ({workers.Select(w => w.Error).FirstOrDefault(e => e.Length > 0) ?? "without a word"}): mend that and go on with the run");
    }

    private sealed class Worker : IDisposable
    {
        private readonly string[] _command;
        private Process _process;
        private int _attempts = 1;
        private Task<string> _error;

        public Worker(string[] command)
        {
            _command = command;
            (_process, _error) = Start();
        }

        public string Error { get; private set; } = "";

        /// <summary>True while it works; starts it again when it failed.</summary>
        public bool IsRunning()
        {
            if (!_process.HasExited)
                return true;
            if (_process.ExitCode == 0)
                return false;
            Error = _error.Result.Trim().Split('\n')[^1];
            if (_attempts == Attempts)
                return false;
            _attempts++;
            _process.Dispose();
            (_process, _error) = Start();
            return true;
        }

        public void Ask()
        {
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended already.
            }
        }

        public void Dispose()
        {
            if (!_process.WaitForExit(Patience))
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        private (Process, Task<string>) Start()
        {
            try
            {
                var process = Process.Start(new ProcessStartInfo(_command[0], _command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
                _ = process.StandardOutput.ReadToEndAsync();
                return (process, process.StandardError.ReadToEndAsync());
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                throw new RunException($"worker: {_command[0]}: it cannot be started ({e.Message.TrimEnd('.')}): check the command", e);
            }
        }
    }
}
