/// The service manager: whether it starts the daemon, watches over it, and starts it again.
enum UnitCheck {
    private static let part = "unit"
    private static let folders = [
        "/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    static func findings(_ box: Box) -> [Finding] {
        guard box.exists("/run/systemd/system") else {
            return [
                .unseen(
                    part, "systemd-missing",
                    "systemd does not run here: nobody starts the daemon again when it ends",
                    proof: "/run/systemd/system is not there",
                    remedy: "let another service manager start 'homeward run' again whenever it ends")
            ]
        }
        guard let unit = folders.lazy.compactMap({ box.text("\($0)/homeward.service") }).first else {
            return [
                .fault(
                    part, "unit-missing", "the service is not installed: nobody starts the daemon",
                    proof: "there is no homeward.service in \(folders[0]) or \(folders[2])",
                    remedy: "install the package homeward")
            ]
        }
        var findings: [Finding] = []
        if !box.exists("/etc/systemd/system/multi-user.target.wants/homeward.service") {
            findings.append(
                .warning(
                    part, "unit-disabled", "the daemon is not started when the box starts",
                    proof: "homeward.service is not enabled", remedy: "run 'sudo systemctl enable --now homeward'"))
        }
        if !unit.split(separator: "\n").contains(where: { $0.hasPrefix("WatchdogSec=") }) {
            findings.append(
                .warning(
                    part, "watchdog-missing", "nobody notices when the daemon hangs",
                    proof: "homeward.service has no WatchdogSec", remedy: "take the service file of the package"))
        }
        return findings.isEmpty
            ? [.fine(part, "unit-good", "systemd starts the daemon, and its watchdog watches it")] : findings
    }
}
