using System.CommandLine;

namespace Sternpost.Commands;

/// <summary>Every verb of docs/cli.md. Each verb is one file; adding it here is the only other line.</summary>
internal static class CommandTable
{
    internal static IEnumerable<Command> All() =>
    [
        DemoCommand.Create(),
        SetupCommand.Create(),
        ServeCommand.Create(),
        DomainCommand.Create(),
        AccountCommand.Create(),
        AliasCommand.Create(),
        LimitCommand.Create(),
        SenderCommand.Create(),
        CanaryCommand.Create(),
        DecoyCommand.Create(),
        SiteCommand.Create(),
        SendmailCommand.Create(),
        DnsCommand.Create(),
        CertificateCommand.Create(),
        QueueCommand.Create(),
        SuppressionCommand.Create(),
        QuarantineCommand.Create(),
        GatewayCommand.Create(),
        TraceCommand.Create(),
        DoctorCommand.Create(),
        WatchCommand.Create(),
        AbuseCommand.Create(),
        ReportCommand.Create(),
        BackupCommand.CreateBackup(),
        BackupCommand.CreateRestore(),
        VerifyCommand.Create(),
        ImportCommand.CreateImport(),
        ImportCommand.CreateExport(),
        ConfigCommand.Create(),
        CheckCommand.Create(),
        EvaluateCommand.Create(),
        TrainCommand.Create(),
        LearnCommand.Create(),
        LearnCommand.CreateForget(),
        ReplayCommand.Create(),
        AfterDeliveryCommand.Create(),
        MassCheckCommand.Create(),
        BenchCommand.Create(),
    ];
}
