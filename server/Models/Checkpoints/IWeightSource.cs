namespace AttentionServer.Models.Checkpoints;

/// <summary>Where a graph's weights come from while it is composed: a checkpoint, or the parameters of a training.</summary>
public interface IWeightSource
{
    /// <summary>Where they were opened.</summary>
    string Folder { get; }

    /// <summary>config.json.</summary>
    ModelConfig Config { get; }

    /// <summary>True when there is a tensor of that name.</summary>
    bool Has(string name);

    /// <summary>Asks for a tensor now, so that a missing or misshapen one is an error before anything runs.</summary>
    void Require(string name, params long[] shape);
}
