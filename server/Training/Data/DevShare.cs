namespace AttentionServer.Training.Data;

/// <summary>
/// Sets aside a share of the data to judge a model by: every so-manieth item, because files are often in the order of their
/// classes or their subjects. What belongs together (questions on one passage) stays on one side.
/// </summary>
public static class DevShare
{
    /// <summary>Whether an item, counted from 0, is set aside.</summary>
    public static bool Holds(double share, int index) => share > 0 && Math.Floor((index + 1) * share + 1e-9) > Math.Floor(index * share + 1e-9);

    /// <summary>The items to train on, and those set aside; neighbours of the same key go together.</summary>
    public static (List<T> Train, List<T> Dev) Of<T, TKey>(IReadOnlyList<T> items, double share, Func<T, TKey> key)
    {
        var (train, dev, group) = (new List<T>(), new List<T>(), -1);
        for (var i = 0; i < items.Count; i++)
        {
            if (i == 0 || !EqualityComparer<TKey>.Default.Equals(key(items[i - 1]), key(items[i])))
                group++;
            (Holds(share, group) ? dev : train).Add(items[i]);
        }

        return (train, dev);
    }
}
