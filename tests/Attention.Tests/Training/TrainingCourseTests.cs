using System.Globalization;
using AttentionServer.Training;
using AttentionServer.Training.Data;

namespace AttentionServer.Tests.Training;

/// <summary>What is kept of a course to draw, what is set aside of data, and how a training says that it gets on.</summary>
public sealed class TrainingCourseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-course-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(599)]
    [InlineData(600)]
    [InlineData(100_001)]
    public void A_curve_stands_for_every_step_whatever_their_number(int steps)
    {
        var course = new TrainingCourse();
        for (var i = 1; i <= steps; i++)
            course.Add(Step(i));
        var (points, looks) = course.Snapshot();
        Assert.InRange(points.Count, Math.Min(steps, 300), 599);
        Assert.Equal((1, steps), (points[0].First, points[^1].Step));
        Assert.All(points.Zip(points.Skip(1)), pair => Assert.Equal(pair.First.Step + 1, pair.Second.First));
        foreach (var point in points)
        {
            var losses = Enumerable.Range((int)point.First, (int)(point.Step - point.First + 1)).Select(i => Step(i).Loss).ToList();
            Assert.Equal(losses.Average(), point.Loss, 9);
            Assert.Equal((losses.Min(), losses.Max()), (point.Low, point.High));
        }

        Assert.Equal(steps / 50, looks.Count);
        Assert.Equal(steps, course.Tokens / 10);
    }

    [Fact]
    public void A_smoothed_loss_lies_among_the_losses_and_jumps_less()
    {
        var course = new TrainingCourse();
        for (var i = 1; i <= 400; i++)
            course.Add(Step(i));
        var (points, _) = course.Snapshot();
        var smoothed = TrainingCourse.Smoothed(points);
        Assert.Equal(points[0].Loss, smoothed[0], 9);
        Assert.All(smoothed, value => Assert.InRange(value, points.Min(p => p.Loss), points.Max(p => p.Loss)));
        double Jumps(IEnumerable<double> values) => values.Zip(values.Skip(1)).Average(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(Jumps(smoothed) < 0.3 * Jumps(points.Select(p => p.Loss)));
        Assert.Empty(TrainingCourse.Smoothed([]));
    }

    [Fact]
    public void A_file_of_losses_gives_the_course_it_was_written_of_and_cut_lines_are_left_out()
    {
        var live = new TrainingCourse();
        using (var log = new LossLog(_folder, 0))
        {
            for (var i = 1; i <= 120; i++)
            {
                live.Add(Step(i));
                log.Add(Step(i));
            }
        }

        File.AppendAllText(Path.Combine(_folder, "losses.csv"), "121,0.5,0.00");
        var (points, looks) = TrainingCourse.Read(_folder).Snapshot();
        Assert.Equal(live.Snapshot().Points, points);
        Assert.Equal(live.Snapshot().Looks, looks);
        Assert.Equal(70, TrainingCourse.Read(_folder, upTo: 70).Snapshot().Points[^1].Step);
        Assert.Empty(TrainingCourse.Read(Path.Combine(_folder, "nowhere")).Snapshot().Points);
    }

    [Fact]
    public void A_pace_is_that_of_the_last_steps()
    {
        var pace = new TrainingPace();
        Assert.Equal("", pace.ToString());
        for (var i = 1; i <= 100; i++)
            pace.Add(Step(i) with { StepTokens = 500, StepSeconds = i <= 60 ? 5 : 0.25, Loss = 2 });
        Assert.Equal("step 100 of 1,000 · loss 2.000 · dev loss 3.000 · 2,000 tokens/s · 0:03:45 left", pace.ToString());
    }

    [Theory]
    [InlineData(2, 500, 240)]
    [InlineData(0.5, 500, 100)]
    [InlineData(30, 500, 500)]
    public void A_pace_by_time_knows_from_the_first_step_when_it_ends(double minutes, long planned, long steps)
    {
        var pace = new TrainingPace(minutes);
        pace.Add(Step(8) with { StepSeconds = 0.5, Seconds = 4, Total = planned });
        Assert.Equal((steps, (steps - 8) * 0.5), (pace.Total, pace.Left.TotalSeconds));
    }

    [Theory]
    [InlineData(0.1, 100, 10)]
    [InlineData(0.3, 100, 30)]
    [InlineData(0.1, 9, 0)]
    [InlineData(0, 100, 0)]
    public void A_share_is_set_aside_all_over_the_data(double share, int count, int held)
    {
        var (train, dev) = DevShare.Of(Enumerable.Range(0, count).ToList(), share, i => i);
        Assert.Equal(held, dev.Count);
        Assert.Equal(Enumerable.Range(0, count), train.Concat(dev).Order());
        if (held > 1)
            Assert.True(dev[0] < count / 3 && dev[^1] >= 2 * count / 3);
    }

    [Fact]
    public void What_belongs_together_stays_together()
    {
        var items = Enumerable.Range(0, 60).Select(i => (Passage: i / 3, Question: i)).ToList();
        var (train, dev) = DevShare.Of(items, 0.1, i => i.Passage);
        Assert.Equal(6, dev.Count);
        Assert.Empty(train.Select(i => i.Passage).Intersect(dev.Select(i => i.Passage)));
    }

    [Theory]
    [InlineData(20, 2)]
    [InlineData(1, 4)]
    public void Text_is_set_aside_by_documents_or_where_there_are_few_by_lines(int documents, int held)
    {
        var path = Path.Combine(_folder, "text.txt");
        File.WriteAllLines(path, Enumerable.Range(0, 40).Select(i => documents > 1 && i % 2 == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"line {i}")));
        var (train, dev) = TextFiles.HoldOut([path], 0.1);
        Assert.Equal(held, dev.Count());
        Assert.Empty(train.Intersect(dev));
        Assert.Equal(TextFiles.Lines([path]).Order(), train.Concat(dev).Order());
    }

    private static StepReport Step(int i) => new()
    {
        Step = i,
        Total = 1000,
        Progress = i / 1000.0,
        Loss = 1 + (3.0 / i) + (i * 7919 % 100 / 200.0),
        Rate = 1.0 / i,
        Norm = 1,
        Tokens = 10L * i,
        Seconds = i / 8.0,
        StepTokens = 10,
        StepSeconds = 0.125,
        DevLoss = i % 50 == 0 ? 3 : null,
        DevAccuracy = i % 50 == 0 ? 0.25 : null,
    };
}
