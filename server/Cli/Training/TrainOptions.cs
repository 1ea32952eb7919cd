using System.CommandLine;
using AttentionServer.Models.Catalog;
using AttentionServer.Server.Trainings;
using AttentionServer.Training;

namespace AttentionServer.Cli.Training;

/// <summary>Options that all objectives of <c>attention train</c> take.</summary>
internal sealed class TrainOptions
{
    private readonly Option<string> _model = new("--model") { Description = "The model to train on: a bundled name, a folder or a cached Hub id", DefaultValueFactory = _ => ModelCatalog.DefaultModel };
    private readonly Option<string[]> _data = new("--data") { Description = "Files to train on", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _dev = new("--dev") { Description = "Files to judge the model by: the best is kept", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double> _devShare = new("--dev-share") { Description = "Judge the model by this share of the data, set aside, where there are no --dev files" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The folder of the new model, in Hugging Face layout", Required = true };
    private readonly Option<int> _seed = new("--seed") { Description = "What all random choices follow from", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _minutes = new("--minutes") { Description = "Train for about so long" };
    private readonly Option<double> _epochs = new("--epochs") { Description = "Train for so many passes over the data" };
    private readonly Option<long> _steps = new("--steps") { Description = "Train for so many steps" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on where the training in --output stopped; begin where there is none" };
    private readonly string _objective;
    private readonly Option<double> _rate;
    private readonly Option<double> _warm = new("--warm-up") { Description = "The share of the training in which the rate rises", DefaultValueFactory = _ => 0.06 };
    private readonly Option<string> _shape;
    private readonly Option<double> _decay = new("--weight-decay") { Description = "Weight decay of matrices", DefaultValueFactory = _ => 0.01 };
    private readonly Option<double> _beta2 = new("--beta2") { Description = "How slowly Adam's mean of squares changes", DefaultValueFactory = _ => 0.98 };
    private readonly Option<double> _clip = new("--clip") { Description = "The greatest length of the gradient; 0 for none", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _accumulate = new("--accumulate") { Description = "Batches whose gradients make one step", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _batch;
    private readonly Option<double> _dropout = new("--dropout") { Description = "The share of numbers dropped at each place" };
    private readonly Option<int> _patience = new("--patience") { Description = "Stop after so many looks at the dev set without a better one" };
    private readonly Option<int> _looks = new("--looks") { Description = "How often in the training the dev set is looked at", DefaultValueFactory = _ => 20 };
    private readonly Option<double> _save = new("--save-every") { Description = "Seconds between two saved states", DefaultValueFactory = _ => 60 };
    private readonly Option<string> _type = new("--type") { Description = "How weights are stored: F32 or F16", DefaultValueFactory = _ => "F32" };

    public TrainOptions(TrainingDefaults defaults)
    {
        var (rate, shape, batchTokens) = (defaults.LearningRate, defaults.Shape, defaults.BatchTokens);
        _objective = defaults.Id;
        _rate = new("--learning-rate") { Description = "The highest learning rate", DefaultValueFactory = _ => rate };
        _shape = new("--schedule") { Description = "How the rate falls: cosine or linear", DefaultValueFactory = _ => shape == RateShape.Cosine ? "cosine" : "linear" };
        _batch = new("--batch-tokens") { Description = "Tokens of a batch", DefaultValueFactory = _ => batchTokens };
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _data, _dev, _devShare, _output, _seed, _minutes, _epochs, _steps, _resume, _rate, _warm, _shape, _decay, _beta2, _clip, _accumulate, _batch, _dropout, _patience, _looks, _save, _type })
            command.Options.Add(option);
    }

    public string Output(ParseResult arguments) => arguments.GetValue(_output)!;

    public bool Resume(ParseResult arguments) => arguments.GetValue(_resume);

    /// <summary>What all objectives have in common; the folder is checked too.</summary>
    public TrainingRequest Request(ParseResult arguments)
    {
        var execution = GlobalOptions.Settings(arguments);
        var request = new TrainingRequest
        {
            Objective = _objective,
            Model = arguments.GetValue(_model)!,
            Data = Files(arguments, _data),
            Dev = Files(arguments, _dev),
            DevShare = Within(arguments.GetValue(_devShare), 0, 0.9, _devShare),
            Settings = Settings(arguments),
            BatchTokens = (int)Within(arguments.GetValue(_batch), 1, 1 << 24, _batch),
            // Training on other devices would copy all weights in each step; it has to be asked for.
            Device = execution.Device == "auto" ? "cpu" : execution.Device,
            Threads = execution.EffectiveThreads,
        };
        CheckOutput(arguments);
        return request;
    }

    /// <summary>Refuses a folder that something else is in.</summary>
    private void CheckOutput(ParseResult arguments)
    {
        var output = Output(arguments);
        if (File.Exists(output))
            throw new CliException($"--output {output}: command line: it is a file: give the name of a folder");
        if (ModelFolder.HasTraining(output) && !Resume(arguments))
            throw new CliException($"--output {output}: command line: it holds a training that was begun: add --resume to go on, or choose another folder");
        if (ModelFolder.HasModel(output) && !ModelFolder.HasTraining(output))
            throw new CliException($"--output {output}: command line: it holds a finished model: choose another folder");
    }

    private TrainingSettings Settings(ParseResult arguments)
    {
        var (minutes, epochs, steps) = (arguments.GetValue(_minutes), arguments.GetValue(_epochs), arguments.GetValue(_steps));
        foreach (var option in new Option[] { _minutes, _epochs, _steps })
            if (arguments.GetResult(option) is { Implicit: false, Tokens: [{ Value: "0" }] })
                throw new CliException($"{option.Name} 0: command line: nothing would be trained: give a number above 0");
        if (new[] { minutes != 0, epochs != 0, steps != 0 }.Count(given => given) > 1)
            throw new CliException("--minutes, --epochs, --steps: command line: give one of them");
        var type = arguments.GetValue(_type)!;
        if (type is not ("F32" or "F16"))
            throw new CliException($"--type {type}: command line: use F32 or F16");
        var shape = arguments.GetValue(_shape)!;
        if (shape is not ("cosine" or "linear"))
            throw new CliException($"--schedule {shape}: command line: use cosine or linear");
        return new()
        {
            Seed = arguments.GetValue(_seed),
            Minutes = Within(minutes, 0, 1e6, _minutes),
            Epochs = minutes == 0 && steps == 0 && epochs == 0 ? 1 : Within(epochs, 0, 1e6, _epochs),
            Steps = (long)Within(steps, 0, 1e12, _steps),
            LearningRate = Within(arguments.GetValue(_rate), 0, 1, _rate),
            WarmUp = Within(arguments.GetValue(_warm), 0, 0.99, _warm),
            Shape = shape == "cosine" ? RateShape.Cosine : RateShape.Linear,
            Decay = Within(arguments.GetValue(_decay), 0, 1, _decay),
            Beta2 = Within(arguments.GetValue(_beta2), 0, 0.99999, _beta2),
            Clip = Within(arguments.GetValue(_clip), 0, 1e9, _clip),
            Accumulate = (int)Within(arguments.GetValue(_accumulate), 1, 1 << 20, _accumulate),
            Dropout = Within(arguments.GetValue(_dropout), 0, 0.95, _dropout),
            Patience = (int)Within(arguments.GetValue(_patience), 0, 1e6, _patience),
            Looks = (int)Within(arguments.GetValue(_looks), 1, 1e6, _looks),
            SaveEvery = Within(arguments.GetValue(_save), 0, 1e9, _save),
            Half = type == "F16",
        };
    }

    private static string[] Files(ParseResult arguments, Option<string[]> option)
    {
        var files = arguments.GetValue(option) ?? [];
        if (files.FirstOrDefault(f => !File.Exists(f)) is { } missing)
            throw new CliException($"{option.Name} {missing}: command line: there is no such file: check the path");
        return files;
    }

    private static double Within(double value, double least, double most, Option option) => value >= least && value <= most
        ? value
        : throw new CliException(FormattableString.Invariant($"{option.Name} {value}: command line: give a number from {least} to {most}"));
}
