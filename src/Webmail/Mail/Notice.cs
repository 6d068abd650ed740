namespace Sternpost.Webmail.Mail;

/// <summary>A line that says what was done, for some seconds.</summary>
/// <param name="Text">What was done.</param>
/// <param name="Undo">What takes it back; null where nothing does.</param>
/// <param name="IsTrouble">Whether it tells of a failure.</param>
public sealed record Notice(string Text, Func<Task>? Undo = null, bool IsTrouble = false);
