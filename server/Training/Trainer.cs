using System.Diagnostics;
using AttentionServer.Engine;

namespace AttentionServer.Training;

/// <summary>
/// Trains a model: batches forward and back again, their gradients into AdamW, states saved on the way. The same seed, data and
/// number of threads give the same losses, whether or not the training was interrupted.
/// </summary>
public sealed class Trainer : IDisposable
{
    // A time becomes a number of steps after so many have shown how long they take.
    private const int TrialSteps = 8;

    private readonly Parameters _parameters;
    private readonly IObjective _objective;
    private readonly TrainingSettings _settings;
    private readonly string _folder;
    private readonly ModelFolder _model;
    private readonly StepRunner _runner;
    private readonly AdamW _optimiser;
    private readonly string _fingerprint;
    private TrainingPoint _point;

    /// <summary>Gets ready: from the beginning, or from the state in the folder.</summary>
    public Trainer(Parameters parameters, IObjective objective, TrainingSettings settings, ExecutionSettings execution, string folder, ModelFolder model, bool resume)
    {
        (_parameters, _objective, _settings, _folder, _model) = (parameters, objective, settings, folder, model);
        _runner = new(parameters, objective.Head, execution, settings.Dropout, settings.Seed);
        _optimiser = new(parameters, settings, execution.EffectiveThreads);
        // Sums are cut by the number of threads, so it is part of what makes losses the same.
        _fingerprint = $"{settings.Fingerprint} | {objective.Fingerprint} | {parameters.Count} | {execution.EffectiveThreads} threads";
        var steps = settings.Steps > 0 ? settings.Steps : Math.Max(1, Math.Ceiling(settings.Epochs * objective.BatchesPerEpoch / settings.Accumulate));
        var plan = settings.Minutes > 0 ? new TrainingPlan(0, 0, Math.Min(0.002, 1 / (settings.Minutes * 60))) : TrainingPlan.Of(steps);
        Resumed = resume && ModelFolder.HasTraining(folder);
        _point = Resumed
            ? TrainingState.Load(folder, _fingerprint, parameters, _optimiser)
            : new() { Plan = plan, NextSave = TrialSteps, Fingerprint = _fingerprint };
    }

    /// <summary>True when it goes on from a state.</summary>
    public bool Resumed { get; }

    /// <summary>Steps done so far.</summary>
    public long Step => _point.Step;

    /// <summary>Bytes of weights, gradients and running means.</summary>
    public long StateBytes => _parameters.Size * sizeof(float) * (_settings.Accumulate > 1 ? 5 : 4);

    /// <summary>Where steps run.</summary>
    public DeviceChoice Device => _runner.Device;

    /// <summary>Trains until the end, early or not; when it is cancelled, the state is saved first.</summary>
    public TrainingResult Run(Action<StepReport>? report, CancellationToken cancellation)
    {
        using var log = new LossLog(_folder, _point.Step);
        var recent = new Queue<double>(log.Before);
        var early = false;
        try
        {
            while (!early && _point.Plan.At(_point.Step) < 1 - 1e-12)
            {
                var step = One(cancellation);
                recent.Enqueue(step.Loss);
                if (recent.Count > LossLog.MostBefore)
                    recent.Dequeue();
                if (IsLook(step.Step))
                    step = Look(step);
                log.Add(step);
                report?.Invoke(step);
                early = _settings.Patience > 0 && _point.Worse >= _settings.Patience;
                if (step.Step == _point.NextSave)
                    Save(log);
            }
        }
        catch (OperationCanceledException)
        {
            log.Flush();
            TrainingState.Save(_folder, _point, _parameters, _optimiser);
            throw;
        }

        if (_point.BestLoss == null)
            _model.Write(_parameters);
        log.Flush();
        File.Delete(Path.Combine(_folder, TrainingState.FileName));
        return new(_point.Step, _point.Tokens, _point.Seconds, recent.DefaultIfEmpty(double.NaN).Average(), _point.BestLoss, _point.BestAccuracy, _point.BestLoss == null ? _point.Step : _point.BestStep, early);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimiser.Dispose();
        _runner.Dispose();
    }

    /// <summary>One step. Nothing of it counts until it is whole, so that a cancelled one is done again.</summary>
    private StepReport One(CancellationToken cancellation)
    {
        var clock = Stopwatch.GetTimestamp();
        var position = _point.Position;
        var progress = _point.Plan.At(_point.Step);
        var batches = new List<(Batch Batch, long Number)>();
        for (var i = 0; i < _settings.Accumulate; i++)
        {
            var number = position.Batches;
            batches.Add((_objective.Next(ref position, progress), number));
        }

        var choices = batches.Sum(b => b.Batch.Choices);
        var loss = 0.0;
        for (var i = 0; i < batches.Count; i++)
            loss += _runner.Backward(batches[i].Batch, 1f / choices, batches[i].Number, _optimiser.Gradients, add: i > 0, cancellation);
        loss /= choices;
        var rate = _settings.RateAt(progress);
        var step = _point.Step + 1;
        if (!double.IsFinite(loss))
            throw new TrainingException($"step {step}: the loss: it is not finite, so there is nothing to learn from: lower --learning-rate and begin again, or go on from the last state with --resume");
        var norm = _optimiser.Step(step, rate);
        var tokens = batches.Sum(b => b.Batch.Tokens);
        var seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
        _point = _point with { Step = step, Position = position, Tokens = _point.Tokens + tokens, Seconds = _point.Seconds + seconds };
        return new()
        {
            Step = step,
            Total = _point.Plan.Total,
            Progress = _point.Plan.At(step),
            Loss = loss,
            Rate = rate,
            Norm = norm,
            Tokens = _point.Tokens,
            Seconds = _point.Seconds,
            StepTokens = tokens,
            StepSeconds = seconds,
        };
    }

    private bool IsLook(long step)
    {
        double before = _point.Plan.At(step - 1), now = _point.Plan.At(step);
        return _objective.Dev.Count > 0 && (now >= 1 - 1e-12 || Math.Floor(before * _settings.Looks) < Math.Floor(now * _settings.Looks));
    }

    /// <summary>Judges the model by the dev set; the best so far is written out.</summary>
    private StepReport Look(StepReport step)
    {
        var clock = Stopwatch.GetTimestamp();
        double loss = 0;
        long right = 0, choices = 0;
        foreach (var batch in _objective.Dev)
        {
            // Not cancelled: the step is taken, and a training that goes on would look no second time.
            var (batchLoss, batchRight) = _runner.Evaluate(batch, CancellationToken.None);
            (loss, right, choices) = (loss + batchLoss, right + batchRight, choices + batch.Choices);
        }

        var (mean, accuracy) = (loss / choices, (double)right / choices);
        var better = _point.BestLoss is not { } best || mean < best;
        if (better)
            _model.Write(_parameters);
        _point = _point with
        {
            BestLoss = better ? mean : _point.BestLoss,
            BestAccuracy = better ? accuracy : _point.BestAccuracy,
            BestStep = better ? step.Step : _point.BestStep,
            Worse = better ? 0 : _point.Worse + 1,
            Seconds = _point.Seconds + Stopwatch.GetElapsedTime(clock).TotalSeconds,
        };
        return step with { DevLoss = mean, DevAccuracy = accuracy };
    }

    /// <summary>
    /// Saves the state. Which step is the next to be saved after is settled now and saved along, because a plan by time is
    /// corrected there: so an interrupted training is corrected at the same steps.
    /// </summary>
    private void Save(LossLog log)
    {
        var perStep = _point.Seconds / _point.Step;
        var plan = _settings.Minutes > 0 ? _point.Plan.Corrected(_point.Step, _point.Seconds, _settings.Minutes * 60) : _point.Plan;
        _point = _point with { Plan = plan, NextSave = _point.Step + Math.Max(1, (long)Math.Round(_settings.SaveEvery / Math.Max(perStep, 1e-6))) };
        log.Flush();
        TrainingState.Save(_folder, _point, _parameters, _optimiser);
    }
}
