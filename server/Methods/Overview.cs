namespace AttentionServer.Methods;

/// <summary>Thumbnails: each cell is the maximum of the cells it stands for, so that a lone bright cell never vanishes.</summary>
public static class Overview
{
    /// <summary>Maps up to this many tokens are their own thumbnails.</summary>
    public const int Size = 48;

    /// <summary>Shrinks [T,T] to [Size,Size].</summary>
    public static void Shrink(ReadOnlySpan<float> map, int tokens, Span<float> thumbnail)
    {
        thumbnail.Clear();
        for (var i = 0; i < tokens; i++)
        {
            var row = thumbnail.Slice(i * Size / tokens * Size, Size);
            for (var j = 0; j < tokens; j++)
            {
                ref var cell = ref row[j * Size / tokens];
                cell = Math.Max(cell, map[(i * tokens) + j]);
            }
        }
    }
}
