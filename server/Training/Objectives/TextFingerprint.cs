namespace AttentionServer.Training.Objectives;

/// <summary>What a set of texts is recognised by.</summary>
internal static class TextFingerprint
{
    /// <summary>FNV-1a over tokens and targets.</summary>
    public static string Of(IReadOnlyList<TrainingText> texts)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var text in texts)
        {
            foreach (var number in text.Ids.Concat(text.Targets))
                hash = (hash ^ (uint)number) * 0x100000001B3;
        }

        return $"{texts.Count} texts {hash:x16}";
    }
}
