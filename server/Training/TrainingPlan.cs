namespace AttentionServer.Training;

/// <summary>
/// How far a training is at a step, from 0 to 1. Under a number of steps it is their share. Under a time it goes by what
/// a step took so far, corrected only where a state is saved; so a training that goes on from there takes the same course.
/// </summary>
/// <param name="Step">The step the plan was made at.</param>
/// <param name="Progress">How far it was then.</param>
/// <param name="PerStep">How far a step leads.</param>
public sealed record TrainingPlan(long Step, double Progress, double PerStep)
{
    /// <summary>How far the training is before a step, counted from 0.</summary>
    public double At(long step) => Math.Min(1, Progress + ((step - Step) * PerStep));

    /// <summary>How many steps it will have had.</summary>
    public long Total => Step + (long)Math.Ceiling(((1 - Progress) / PerStep) - 1e-9);

    /// <summary>A plan for so many steps.</summary>
    public static TrainingPlan Of(double steps) => new(0, 0, 1 / Math.Max(1, Math.Round(steps)));

    /// <summary>The plan for the rest of a time, after steps that took some of it.</summary>
    public TrainingPlan Corrected(long step, double seconds, double budget)
    {
        var progress = At(step);
        var perStep = seconds / Math.Max(1, step);
        // What is left to do in what is left of the time: never more than a hundredth of the training at once.
        var rest = Math.Max(1, (budget - seconds) / Math.Max(perStep, 1e-6));
        return new(step, progress, Math.Clamp((1 - progress) / rest, 1e-9, Math.Max(0.01, PerStep)));
    }
}
