namespace AttentionServer.Text;

/// <summary>Hangul syllables, which decompose and compose by arithmetic (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;

    public static bool IsSyllable(int c) => c is >= SyllableBase and < SyllableBase + Syllables;

    public static void Decompose(int syllable, out int lead, out int vowel, out int trail)
    {
        var index = syllable - SyllableBase;
        lead = LeadBase + (index / (Vowels * Trails));
        vowel = VowelBase + (index / Trails % Vowels);
        var t = index % Trails;
        trail = t == 0 ? 0 : TrailBase + t;
    }

    /// <summary>The syllable of a lead and a vowel, or of a syllable without trail and a trail; 0 for none.</summary>
    public static int Compose(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
            return SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Trails);
        if (IsSyllable(first) && (first - SyllableBase) % Trails == 0 && second is > TrailBase and < TrailBase + Trails)
            return first + second - TrailBase;
        return 0;
    }
}
