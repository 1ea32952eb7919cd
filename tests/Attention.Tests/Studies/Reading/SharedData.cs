namespace AttentionServer.Tests.Studies.Reading;

/// <summary>SQuAD's files, which the repository does not ship: beside the checkout, or not there.</summary>
internal static class SharedData
{
    public static string Squad { get; } = Path.GetFullPath(Path.Combine(Golden.Root, "..", "shared", "data", "squad"));

    public static string Dev { get; } = Path.Combine(Squad, "dev-v1.1.json");
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
