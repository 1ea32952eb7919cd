using AttentionServer.Models;

namespace AttentionServer.Engine.Interventions;

/// <summary>Refuses interventions that a model or a text has no place for.</summary>
internal static class InterventionCheck
{
    /// <summary>Throws for the first index that is outside; a text's interventions are counted from 1.</summary>
    public static void Check(TokenInput text, ModelConfig config, string model)
    {
        for (var n = 0; n < text.Interventions.Count; n++)
        {
            var intervention = text.Interventions[n];
            if ((intervention.Place == null) == (intervention.Id == null))
                throw new EngineException($"intervention {n + 1}: it must either change a place of the model or replace tokens by an id");
            void Inside(string what, IReadOnlyList<int>? chosen, int count, bool meant)
            {
                if (chosen == null)
                    return;
                if (!meant)
                    throw new EngineException($"intervention {n + 1}: {intervention.Place?.ToString() ?? "a replaced token"} has no {what}: leave them out");
                foreach (var index in chosen)
                    if ((uint)index >= (uint)count)
                        throw new EngineException($"intervention {n + 1}: {what} {index}: {model} has {what} 0 to {count - 1} here");
            }

            var place = intervention.Place;
            var pairs = place is InterventionPlace.Scores or InterventionPlace.Attention;
            Inside("layers", intervention.Layers, config.Layers + (place == InterventionPlace.Hidden ? 1 : 0), place != null);
            Inside("heads", intervention.Heads, config.Heads, place is not (null or InterventionPlace.Hidden or InterventionPlace.Neurons));
            Inside("tokens", intervention.Tokens, text.Length, true);
            Inside("keys", intervention.Keys, text.Length, pairs);
            Inside("neurons", intervention.Neurons, place switch { InterventionPlace.Hidden => config.Hidden, InterventionPlace.Neurons => config.Intermediate, _ => config.HeadSize }, place != null && !pairs);
            if (!float.IsFinite(intervention.Scale) || !float.IsFinite(intervention.Shift))
                throw new EngineException($"intervention {n + 1}: scale and shift must be finite numbers");
            if (intervention.Id is { } id && (uint)id >= (uint)config.VocabularySize)
                throw new EngineException($"intervention {n + 1}: token id {id}: {model} has a vocabulary of {config.VocabularySize}");
        }
    }
}
