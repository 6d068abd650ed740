namespace Sternpost.Demo;

/// <summary>The demo's ports, as the command line's contract fixes them; an offset moves all of them together.</summary>
internal sealed record DemoPorts(int Offset)
{
    public int Mx => 2525 + Offset;
    public int Submission => 2587 + Offset;
    public int Submissions => 2465 + Offset;
    public int Imap => 2143 + Offset;
    public int Imaps => 2993 + Offset;
    public int Pop3s => 2995 + Offset;
    public int ManageSieve => 4190 + Offset;
    public int Https => 2443 + Offset;
}
