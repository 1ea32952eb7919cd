namespace AttentionServer;

/// <summary>
/// Something the user can mend: the message says what, where and the way out, and is shown as it is. Everything else
/// that is thrown is a defect of the program.
/// </summary>
public abstract class UserException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True where what was asked for is at fault, such as a name that is not known, and no work was begun.</summary>
    public bool IsBadArgument { get; init; }
}
