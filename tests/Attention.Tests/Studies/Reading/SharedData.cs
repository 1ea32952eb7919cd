using AttentionServer.Studies.Reading;

namespace AttentionServer.Tests.Studies.Reading;

/// <summary>SQuAD's files, which the repository does not ship: beside the checkout, or not there.</summary>
internal static class SharedData
{
    public static string Squad { get; } = Path.GetFullPath(Path.Combine(Golden.Root, "..", "shared", "data", "squad"));

    public static string Dev { get; } = Path.Combine(Squad, "dev-v1.1.json");

    /// <summary>The questions of the development sets, read once for all tests.</summary>
    public static IReadOnlyList<Question> Dev1 => Known1.Value;

    public static IReadOnlyList<Question> Dev2 => Known2.Value;

    private static Lazy<List<Question>> Known1 { get; } = new(() => [.. QuestionData.Read([Dev])]);

    private static Lazy<List<Question>> Known2 { get; } = new(() => [.. QuestionData.Read([Path.Combine(Squad, "dev-v2.0.json")])]);
}

/// <summary>A test that needs SQuAD; skipped where it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SquadFactAttribute : FactAttribute
{
    public SquadFactAttribute()
    {
        if (!File.Exists(SharedData.Dev)) Skip = $"SQuAD is not at {SharedData.Squad}.";
    }
}

/// <summary>The same for tests with rows.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SquadTheoryAttribute : TheoryAttribute
{
    public SquadTheoryAttribute()
    {
        if (!File.Exists(SharedData.Dev)) Skip = $"SQuAD is not at {SharedData.Squad}.";
    }
}
