using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Training;
using AttentionServer.Training.Data;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Server.Trainings;

/// <summary>A training made ready: model, data and settings put together, for the terminal and the editor alike. Nobody else trains in its folder meanwhile.</summary>
public sealed class TrainingJob : IDisposable
{
    private const string LockFile = "training.lock";

    private readonly Trainer _trainer;
    private readonly FileStream _lock;
    private readonly StartingModel _start;

    private TrainingJob(StartingModel start, Parameters parameters, Trainer trainer, FileStream held) => (_start, Parameters, _trainer, _lock) = (start, parameters, trainer, held);

    /// <summary>What is trained.</summary>
    public Parameters Parameters { get; }

    /// <summary>True when it goes on from a state.</summary>
    public bool Resumed => _trainer.Resumed;

    /// <summary>Steps done so far.</summary>
    public long Step => _trainer.Step;

    /// <summary>Reads model and data and opens the folder; <paramref name="doing"/> hears what is being done, <paramref name="note"/> what a reader should know.</summary>
    public static TrainingJob Open(TrainingRequest request, string folder, bool resume, Action<string> doing, Action<string> note, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        TrainingDefaults.Of(request.Objective);
        var files = request.Data.Concat(request.Dev);
        if (files.FirstOrDefault(f => !File.Exists(f)) is { } missing)
            throw new TrainingException($"data: {missing}: there is no such file: check the path");
        if (resume && !ModelFolder.HasTraining(folder))
        {
            if (ModelFolder.HasModel(folder))
                throw new TrainingException($"training: {folder}: it holds a finished model, and no state to go on from: use it, or begin another in a folder of its own");
            if (TrainingRequest.Find(folder) != null)
                note("no step of it was saved: it begins again");
        }

        StartingModel? start = null;
        Parameters? parameters = null;
        FileStream? held = null;
        try
        {
            start = request.Scratch is { } shape ? StartingModel.FromScratch(request.Model, shape.Vocabulary, shape.Layers, shape.Heads, shape.Hidden, folder) : StartingModel.Open(request.Model);
            var (objective, labels) = request.Objective switch
            {
                "mlm" => Words(request, start, ref parameters, doing, note, cancellation),
                "qa" => Answers(request, start, ref parameters, doing, note, cancellation),
                _ => Classes(request, start, ref parameters, doing, cancellation),
            };
            var model = new ModelFolder(folder, start.Config(objective.Head, labels), start.TokenizerFolder, request.Settings.Half);
            held = Lock(folder);
            var trainer = new Trainer(parameters!, objective, request.Settings, new ExecutionSettings { Device = request.Device, Threads = request.Threads }, folder, model, resume);
            request.Write(folder);
            if (parameters!.Fresh.Count > 0 && parameters.Fresh.Count < parameters.All.Count)
                note($"new: {string.Join(", ", parameters.Fresh)}");
            note($"{parameters.Count / 1e6:0.00} M parameters on {trainer.Device.Name}, {trainer.StateBytes / 1e6:0} MB for them, their gradients and Adam's means{(trainer.Resumed ? $"; going on after step {trainer.Step}" : "")}");
            return new(start, parameters, trainer, held);
        }
        catch
        {
            held?.Dispose();
            parameters?.Dispose();
            start?.Dispose();
            throw;
        }
    }

    /// <summary>Trains until the end; when it is cancelled, the state is saved first.</summary>
    public TrainingResult Run(Action<StepReport> report, CancellationToken cancellation) => _trainer.Run(report, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        Parameters.Dispose();
        _start.Dispose();
        _lock.Dispose();
    }

    private static (IObjective Objective, IReadOnlyList<string>? Labels) Words(TrainingRequest request, StartingModel start, ref Parameters? parameters, Action<string> doing, Action<string> note, CancellationToken cancellation)
    {
        var (train, held) = request.Dev.Length > 0 ? (TextFiles.Lines(request.Data), TextFiles.Lines(request.Dev))
            : request.HoldOut > 0 ? TextFiles.HoldOut(request.Data, request.HoldOut)
            : TextFiles.HoldOut(request.Data, request.DevShare);
        var text = TokenStream.Of(train, start.Tokenizer, tokens => doing($"Reading the text: {tokens:N0} tokens"), cancellation);
        var judged = held.Any() ? TokenStream.Of(held, start.Tokenizer, null, cancellation) : null;
        note($"{text.Count:N0} tokens{(judged == null ? "" : $", {judged.Count:N0} held out")}");
        parameters = start.Parameters(LanguageModelling.HeadOf(start.Architecture), null, request.Settings.Seed);
        var objective = new LanguageModelling(text, judged, start.Tokenizer, parameters, request.Words with { BatchTokens = request.BatchTokens }, request.Settings.Seed);
        if (request.Scratch != null)
            objective.Begin(parameters);
        return (objective, null);
    }

    private static (IObjective Objective, IReadOnlyList<string>? Labels) Answers(TrainingRequest request, StartingModel start, ref Parameters? parameters, Action<string> doing, Action<string> note, CancellationToken cancellation)
    {
        doing("Reading questions");
        List<AnsweredQuestion> data = QuestionFiles.Read(request.Data, note), dev = QuestionFiles.Read(request.Dev, note);
        if (request.Dev.Length == 0)
            (data, dev) = DevShare.Of(data, request.DevShare, question => question.Passage);
        parameters = start.Parameters(HeadKind.QuestionAnswering, null, request.Settings.Seed);
        var most = start.Architecture.MaxTokens(parameters.Config);
        var objective = new AnswerFinding(data, dev, start.Tokenizer, most, request.Answers with { BatchTokens = request.BatchTokens }, request.Settings.Seed, cancellation);
        note($"{objective.Windowed:N0} windows");
        return (objective, null);
    }

    private static (IObjective Objective, IReadOnlyList<string>? Labels) Classes(TrainingRequest request, StartingModel start, ref Parameters? parameters, Action<string> doing, CancellationToken cancellation)
    {
        doing("Reading texts");
        List<LabelledText> data = LabelledFiles.Read(request.Data), dev = LabelledFiles.Read(request.Dev);
        var labels = TextClassification.LabelsOf([.. data, .. dev]);
        if (labels.All(start.Labels.Contains))
            labels = start.Labels;
        if (request.Dev.Length == 0)
            (data, dev) = DevShare.Of(data, request.DevShare, text => text.Text);
        parameters = start.Parameters(HeadKind.Classification, labels, request.Settings.Seed);
        var length = Math.Min(request.ClassLength, start.Architecture.MaxTokens(parameters.Config));
        return (new TextClassification(data, dev, start.Tokenizer, labels, length, request.BatchTokens, request.Settings.Seed, cancellation), labels);
    }

    /// <summary>Two trainings in one folder would spoil each other's files.</summary>
    private static FileStream Lock(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new TrainingException($"training: {folder}: it is trained by another process already: stop that one first, or choose another folder", e);
        }
    }
}
