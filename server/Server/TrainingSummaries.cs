using System.Globalization;
using AttentionServer.Models.Catalog;
using AttentionServer.Server.Protocol;
using AttentionServer.Server.Trainings;
using AttentionServer.Training;

namespace AttentionServer.Server;

/// <summary>Trainings as clients see them.</summary>
public static class TrainingSummaries
{
    private const int Digits = 6;

    /// <summary>A training in one line.</summary>
    public static string Title(string output, TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var what = request.Objective switch { "qa" => "questions", "classification" => "classes", _ => "hidden words" };
        return $"{NameOf(output)}: {what} of {string.Join(", ", request.Data.Select(Path.GetFileName))}, from {NameOf(request.Model)}";
    }

    /// <summary>How far a training is. <paramref name="working"/> says so where it is worked on here.</summary>
    public static TrainingReport Of(string output, string folder, TrainingRequest request, TrainingCourse course, TrainingPace? working, IReadOnlyList<string> notes)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(course);
        var (points, looks) = course.Snapshot();
        var smoothed = TrainingCourse.Smoothed(points);
        var state = working != null ? "working" : TrainedModels.IsUnfinished(folder) ? "stopped" : "finished";
        var step = points.Count > 0 ? points[^1].Step : 0;
        var total = (working?.Last != null ? (long?)working.Total : null) ?? (state == "stopped" ? ModelFolder.Standing(folder)?.Total : null) ?? step;
        return new()
        {
            Output = output,
            Folder = folder,
            Title = Title(output, request),
            State = state,
            Progress = state switch
            {
                "working" => working?.ToString() is { Length: > 0 } text ? text : "reading model and data",
                "stopped" => Say($"stopped after step {step:N0}{(total > step ? $" of about {total:N0}" : "")}"),
                _ => Say($"{step:N0} steps, {course.Tokens:N0} tokens in {course.Seconds:0} s"),
            },
            Step = step,
            Total = Math.Max(total, step),
            Points = [.. points.Select((p, i) => new LossPoint { First = p.First, Step = p.Step, Loss = Round(p.Loss), Low = Round(p.Low), High = Round(p.High), Smoothed = Round(smoothed[i]), Rate = p.Rate })],
            Looks = [.. looks.Select(l => new DevLook { Step = l.Step, Loss = Round(l.Loss), Accuracy = Round(l.Accuracy) })],
            Kept = looks.Count > 0 ? looks.MinBy(l => l.Loss)!.Step : null,
            Notes = [.. notes, .. Judged(request, looks)],
        };
    }

    private static IEnumerable<string> Judged(TrainingRequest request, IReadOnlyList<CourseLook> looks)
    {
        if (request.Dev.Length > 0)
            yield return $"Judged by {string.Join(", ", request.Dev.Select(Path.GetFileName))}; the model of the best look is kept.";
        else if (request.DevShare > 0 && looks.Count > 0)
            yield return Say($"Judged by {100 * request.DevShare:0} % of the data, which it is not trained on; the model of the best look is kept.");
    }

    private static string NameOf(string model) => model.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar) && Path.IsPathRooted(model) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(model)) : model;

    private static double Round(double value) => Math.Round(value, Digits);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
