import Linux
import Loop

extension Command {
    static let doctor = Command(
        name: "doctor", synopsis: "doctor [--config FILE] [--socket PATH] [--system FOLDER] [--json]",
        summary: "Looks for what keeps this box from measuring and delivering, and says what to do.",
        details: [
            "  --config FILE     /etc/homeward/homeward.json5 unless told",
            "  --socket PATH     the daemon's socket; the configuration's unless told",
            "  --system FOLDER   where /sys, /proc, /run, /etc and /dev are looked at, for a copy of another box's",
            "  --json            one object a line, for programs",
            "",
            "Exit status: 0 nothing is wrong, 1 there are warnings, 2 there are faults. What could not "
                + "be seen is told "
                + "and does not count: run it with sudo to see all.",
            "",
            "It changes nothing. It connects to the broker under the name homeward-GATEWAY-doctor and "
                + "publishes one "
                + "message on homeward/1/GATEWAY/doctor, which holds no measurement.",
        ],
        grammar: .init(options: ["--config", "--socket", "--system"], flags: ["--json"])
    ) { arguments, loop in
        let box = Box(
            file: arguments["--config"] ?? "/etc/homeward/homeward.json5", socket: arguments["--socket"],
            root: arguments["--system"] ?? "", loop: loop)
        let findings = await Doctor.examine(box)
        let console = try Console()
        let report = DoctorReport(console)
        for line in arguments.has("--json") ? findings.map(DoctorReport.json) : report.lines(findings) {
            console.line(line)
        }
        console.flush()
        Program.exit(Doctor.exitStatus(findings))
    }
}

/// All checks, in the order in which one thing rests on the other.
enum Doctor {
    static func examine(_ box: Box) async -> [Finding] {
        var findings = ConfigurationCheck.findings(box)
        let daemon = await DaemonCheck.ask(box)
        findings += ClockCheck.findings(box)
        findings += DiskCheck.findings(box)
        findings += PermissionCheck.findings(box)
        findings += UnitCheck.findings(box)
        findings += RadioCheck.findings(box)
        findings += PortCheck.findings(box)
        findings += await BrokerCheck.findings(box)
        findings += DaemonCheck.findings(box, daemon)
        return findings
    }

    /// 0 nothing is wrong, 1 there are warnings, 2 there are faults.
    static func exitStatus(_ findings: [Finding]) -> Int32 {
        findings.contains { $0.grade == .fault } ? 2 : findings.contains { $0.grade == .warning } ? 1 : 0
    }
}
