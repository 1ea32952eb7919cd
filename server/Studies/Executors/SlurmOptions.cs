namespace AttentionServer.Studies.Executors;

/// <summary>How a run is handed to Slurm.</summary>
public sealed record SlurmOptions
{
    /// <summary>Tasks of the job array at most; never more than there are groups of missing cells.</summary>
    public int Tasks { get; init; } = 8;

    /// <summary>Further arguments for sbatch, as they are: <c>--partition=gpu</c>, <c>--gres=gpu:1</c>, <c>--time=2:00:00</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>How long before the end of its time a task is told to stop.</summary>
    public TimeSpan Notice { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a task that ran out of time is put back into the queue by itself.</summary>
    public int Requeues { get; init; } = 20;

    /// <summary>How often missing cells are handed in at most.</summary>
    public int Submissions { get; init; } = 4;

    /// <summary>How long a command of Slurm may take; without a controller it would try for a minute.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the queue is asked.</summary>
    public TimeSpan QueuePoll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a controller that does not answer is waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);
}
