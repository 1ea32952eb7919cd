namespace AttentionServer.Training;

/// <summary>
/// Random numbers that follow from a key (seed, purpose, step, …) alone. Whatever is drawn in a step is drawn from a key
/// that names the step, so that a training that goes on draws what it would have drawn, and no state has to be kept.
/// </summary>
internal struct SeededRandom
{
    private ulong _state;

    public SeededRandom(params ReadOnlySpan<long> key)
    {
        _state = 0x6A09E667F3BCC909;
        foreach (var part in key)
        {
            _state ^= (ulong)part * 0x9E3779B97F4A7C15;
            _state = Next();
        }
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number below a limit.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>A normally distributed number (Box and Muller 1958).</summary>
    public double Normal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Fraction()));
        return radius * Math.Cos(2 * Math.PI * Fraction());
    }

    /// <summary>Puts items in a random order (Durstenfeld 1964).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
