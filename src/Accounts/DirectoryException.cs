namespace Sternpost.Accounts;

/// <summary>A change of the directory that cannot be made; the message is for the administrator and says what to do.</summary>
public sealed class DirectoryException(string message) : Exception(message);
