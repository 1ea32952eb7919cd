using System.Text.Json.Serialization;

namespace AttentionServer.Server.Protocol;

/// <summary>Extension to the page of zone reports, sweeps and trainings.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Zones), "zones")]
[JsonDerivedType(typeof(Sweep), "sweep")]
[JsonDerivedType(typeof(Training), "training")]
[JsonDerivedType(typeof(Status), "status")]
public abstract record ToStudy
{
    /// <summary>Show the zones of one question and passage.</summary>
    public sealed record Zones : ToStudy
    {
        /// <summary>The report.</summary>
        public required ZoneReport Report { get; init; }
    }

    /// <summary>Show a sweep, as far as it is.</summary>
    public sealed record Sweep : ToStudy
    {
        /// <summary>The report.</summary>
        public required SweepReport Report { get; init; }
    }

    /// <summary>Show a training, as far as it is.</summary>
    public sealed record Training : ToStudy
    {
        /// <summary>The report.</summary>
        public required TrainingReport Report { get; init; }
    }

    /// <summary>What is going on.</summary>
    public sealed record Status : ToStudy
    {
        /// <summary>What is being done, absent when nothing is.</summary>
        public string? Busy { get; init; }

        /// <summary>What failed, in one sentence.</summary>
        public string? Error { get; init; }
    }
}

/// <summary>The page of zone reports, sweeps and trainings to the extension.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Again), "again")]
[JsonDerivedType(typeof(Masked), "masked")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(Export), "export")]
[JsonDerivedType(typeof(Cancel), "cancel")]
[JsonDerivedType(typeof(Use), "use")]
[JsonDerivedType(typeof(Reveal), "reveal")]
[JsonDerivedType(typeof(Problem), "problem")]
public abstract record FromStudy
{
    /// <summary>The page has loaded.</summary>
    public sealed record Ready : FromStudy;

    /// <summary>The same question with other zones, or masked in another way.</summary>
    public sealed record Again : FromStudy
    {
        /// <summary>Ids of zones; the paper's five where absent.</summary>
        public string[]? Zones { get; init; }

        /// <summary>Zones of the reader's own, after the named ones.</summary>
        public ZoneDefinition[]? Own { get; init; }

        /// <summary>score or probability.</summary>
        public required string Mode { get; init; }
    }

    /// <summary>The run of a cell is to be looked at in the panel.</summary>
    public sealed record Masked : FromStudy
    {
        /// <summary>The change to the model.</summary>
        public required Edit Edit { get; init; }

        /// <summary>The layer it is about.</summary>
        public required int Layer { get; init; }
    }

    /// <summary>Go on with the run or training.</summary>
    public sealed record Resume : FromStudy;

    /// <summary>Write the run's report or numbers to a file.</summary>
    public sealed record Export : FromStudy;

    /// <summary>Use the trained model from now on.</summary>
    public sealed record Use : FromStudy;

    /// <summary>Show the folder of the trained model.</summary>
    public sealed record Reveal : FromStudy;

    /// <summary>Stop what is going on.</summary>
    public sealed record Cancel : FromStudy;

    /// <summary>Something failed in the page; goes to the log.</summary>
    public sealed record Problem : FromStudy
    {
        /// <summary>What and where.</summary>
        public required string Message { get; init; }
    }
}
