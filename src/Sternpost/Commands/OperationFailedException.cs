namespace Sternpost.Commands;

/// <summary>Ends a verb with exit code 1. The message is for the person at the terminal: what happened, why, what to do next.</summary>
internal sealed class OperationFailedException(string message) : Exception(message);
