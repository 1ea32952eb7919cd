using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Text;
using AttentionServer.Training;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Tests.Training;

/// <summary>Whole trainings of tiny models: the loss falls, interruptions leave no trace, the dev set decides, and what is saved opens.</summary>
public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("training").FullName;

    private static readonly string[] Lines =
    [
        "the cat sat on the mat .", "a dog sat on the rug .", "the dog ran to the cat .", "the cat ran to the dog .", "a cat sat on a rug .", "the dog sat on a mat .",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_loss_of_masked_words_falls_and_the_folder_opens()
    {
        var output = Path.Combine(_folder, "model");
        var losses = Course(output, new() { Steps = 250, LearningRate = 1e-2 });
        Assert.True(losses[^10..].Average() < 0.7 * losses[..5].Average(), $"from {losses[..5].Average():0.00} to {losses[^10..].Average():0.00}");
        using var model = Model.Open("trained", output, TinyModels.Execution);
        Assert.Equal(HeadKind.MaskedLanguageModel, model.Head);
        Assert.Equal("BertForMaskedLM", model.Config.Architectures[0]);
        var encoding = model.Tokenizer.Encode("the cat [MASK] on the mat .");
        using var trace = model.Trace(TokenInput.Of(encoding), new() { Logits = true }, CancellationToken.None);
        var row = trace.Logits!.At(3).ToArray();
        Assert.Equal("sat", model.TokenOf(Array.IndexOf(row, row.Max())));
        Assert.False(ModelFolder.HasTraining(output));
    }

    [Theory, InlineData(0.0, 1), InlineData(0.2, 2)]
    public void An_interrupted_training_takes_the_course_it_would_have_taken(double dropout, int accumulate)
    {
        var settings = new TrainingSettings { Steps = 30, LearningRate = 3e-3, Dropout = dropout, Accumulate = accumulate, SaveEvery = 0 };
        double told = 0, toldAfterwards = 0;
        var whole = Course(Path.Combine(_folder, "whole"), settings, end: result => told = result.Loss);
        var weights = File.ReadAllBytes(Path.Combine(_folder, "whole", "model.safetensors"));
        var parts = Path.Combine(_folder, "parts");
        var random = new Random(4);
        for (var cut = 0; cut < 5; cut++)
        {
            // A copy of the folder at a saved state is what a killed process leaves; a cancelled one saves its own.
            var stop = random.Next(2, 6);
            Assert.Throws<OperationCanceledException>(() => Course(parts, settings, stopAfter: stop));
            Assert.True(ModelFolder.HasTraining(parts));
        }

        Course(parts, settings, end: result => toldAfterwards = result.Loss);
        Assert.Equal(whole, Logged(parts));
        Assert.Equal(told, toldAfterwards, 1e-12);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(parts, "model.safetensors")));
    }

    [Fact]
    public void A_killed_training_goes_on_from_the_last_saved_state()
    {
        var settings = new TrainingSettings { Steps = 20, LearningRate = 3e-3, SaveEvery = 0 };
        var whole = Course(Path.Combine(_folder, "whole"), settings);
        var (running, killed) = (Path.Combine(_folder, "running"), Path.Combine(_folder, "killed"));
        Course(running, settings, at: step =>
        {
            if (step.Step != 13)
                return;
            // Saved after step 12; the log is a step ahead, as a killed process may leave it.
            Directory.CreateDirectory(killed);
            foreach (var file in Directory.GetFiles(running))
                File.Copy(file, Path.Combine(killed, Path.GetFileName(file)));
            File.AppendAllText(Path.Combine(killed, "losses.csv"), "13,99,0,0,0,0,,\n14,99,0");
        });
        Course(killed, settings);
        Assert.Equal(whole, Logged(killed));
    }

    [Fact]
    public void Other_settings_or_other_data_are_refused_when_a_training_goes_on()
    {
        var settings = new TrainingSettings { Steps = 20, SaveEvery = 0 };
        Assert.Throws<OperationCanceledException>(() => Course(_folder, settings, stopAfter: 9));
        Assert.Contains("other settings or other data", Assert.Throws<TrainingException>(() => Course(_folder, settings with { Seed = 2 })).Message, StringComparison.Ordinal);
        Assert.Contains("other settings or other data", Assert.Throws<TrainingException>(() => Course(_folder, settings, lines: [.. Lines, "a dog ran ."])).Message, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(_folder, "training.safetensors"), File.ReadAllBytes(Path.Combine(_folder, "training.safetensors"))[..2000]);
        Assert.ThrowsAny<UserException>(() => Course(_folder, settings));
    }

    [Fact]
    public void The_best_model_on_the_dev_set_is_kept_and_a_worse_course_ends_early()
    {
        // Trained on one thing and judged by another, the dev loss soon rises.
        var result = default(TrainingResult);
        Course(_folder, new() { Steps = 400, LearningRate = 3e-2, Looks = 100, Patience = 4 }, dev: ["rug rug mat mat ran ran to to a a dog ."], end: r => result = r);
        Assert.True(result!.StoppedEarly);
        Assert.True(result.Steps < 400 && result.KeptStep < result.Steps);
        var looks = File.ReadLines(Path.Combine(_folder, "losses.csv")).Skip(1).Select(l => l.Split(',')).Where(c => c[6].Length > 0).ToList();
        Assert.Equal(result.DevLoss!.Value, looks.Min(c => double.Parse(c[6], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_loss_that_is_no_number_is_said_and_not_saved()
    {
        var error = Assert.Throws<TrainingException>(() => Course(_folder, new() { Steps = 50, LearningRate = 1e30, Clip = 0, WarmUp = 0, SaveEvery = 1e6 }));
        Assert.Contains("--learning-rate", error.Message, StringComparison.Ordinal);
        Assert.False(ModelFolder.HasModel(_folder));
    }

    /// <summary>ATTENTION_TRAIN_SECONDS=60 trains a small model on the repository's own documents for so long.</summary>
    [TimedFact]
    public void A_small_model_learns_from_the_documents()
    {
        var seconds = TimedFactAttribute.Seconds!.Value;
        var start = Path.Combine(Golden.Root, "models", "attention-mini");
        var tokenizer = Tokenizer.Load(start);
        var lines = Directory.EnumerateFiles(Path.Combine(Golden.Root, "docs"), "*.md", SearchOption.AllDirectories).SelectMany(File.ReadLines).Where(l => l.Length > 0);
        var text = TokenStream.Of(lines, tokenizer, null, CancellationToken.None);
        var config = ModelFolder.Config(File.ReadAllText(Path.Combine(start, "config.json")), HeadKind.MaskedLanguageModel, null);
        using var parameters = Parameters.Of(ModelConfig.Parse(config, start), start, HeadKind.MaskedLanguageModel, null, 1);
        var objective = new LanguageModelling(text, null, tokenizer, parameters, new() { Length = 64, LongLength = 64 }, 1);
        objective.Begin(parameters);
        var settings = new TrainingSettings { Minutes = seconds / 60, LearningRate = 1e-3 };
        using var trainer = new Trainer(parameters, objective, settings, TinyModels.Execution, _folder, new(_folder, config, start, half: true), resume: false);
        var clock = Stopwatch.StartNew();
        trainer.Run(null, CancellationToken.None);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.5 * seconds, 2 * seconds);
        var losses = Logged(_folder);
        // A mean of a tenth of the steps is known to a few hundredths.
        var tenth = losses.Count / 10;
        double first = losses[..tenth].Average(), last = losses[^tenth..].Average();
        Assert.True(tenth >= 3 && last < first - 0.15, $"from {first:0.00} to {last:0.00} in {losses.Count} steps");
    }

    private List<double> Course(
        string output, TrainingSettings settings, int stopAfter = int.MaxValue, Action<StepReport>? at = null, string[]? lines = null, string[]? dev = null, Action<TrainingResult>? end = null)
    {
        var source = Path.Combine(_folder, "vocabulary");
        Directory.CreateDirectory(source);
        File.WriteAllLines(Path.Combine(source, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Lines.SelectMany(l => l.Split(' ')).Distinct()]);
        var tokenizer = Tokenizer.Load(source);
        var config = ModelFolder.Config($$"""
            {"model_type": "bert", "vocab_size": {{tokenizer.VocabularySize}}, "num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 32,
             "max_position_embeddings": 32, "type_vocab_size": 2, "pad_token_id": 0}
            """, HeadKind.MaskedLanguageModel, null);
        using var parameters = Parameters.Of(ModelConfig.Parse(config, output), output, HeadKind.MaskedLanguageModel, null, settings.Seed);
        TokenStream Stream(string[] of) => TokenStream.Of(of, tokenizer, null, CancellationToken.None);
        var own = new LanguageSettings { Length = 10, LongLength = 16, LongPart = 0.2, ShortLength = 10, ShortPart = 0.2, BatchTokens = 80, WholeWords = true };
        var objective = new LanguageModelling(Stream(lines ?? Lines), dev == null ? null : Stream(dev), tokenizer, parameters, own, settings.Seed);
        using var trainer = new Trainer(parameters, objective, settings, TinyModels.Execution, output, new(output, config, source, half: false), resume: true);
        using var stop = new CancellationTokenSource();
        var result = trainer.Run(
            step =>
            {
                at?.Invoke(step);
                if (--stopAfter == 0)
                    stop.Cancel();
            },
            stop.Token);
        end?.Invoke(result);
        return Logged(output);
    }

    private static List<double> Logged(string output) =>
        [.. File.ReadLines(Path.Combine(output, "losses.csv")).Skip(1).Select(l => double.Parse(l.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>A test that trains for as long as it is told to.</summary>
    private sealed class TimedFactAttribute : FactAttribute
    {
        public TimedFactAttribute()
        {
            if (Seconds == null)
                Skip = "It trains for a minute: set ATTENTION_TRAIN_SECONDS=60.";
        }

        public static double? Seconds => double.TryParse(Environment.GetEnvironmentVariable("ATTENTION_TRAIN_SECONDS"), out var seconds) ? seconds : null;
    }
}
