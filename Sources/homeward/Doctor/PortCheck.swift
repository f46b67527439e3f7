import Agent
import DriverKit
import Linux
import Vitals

/// Serial ports of the configuration: there, allowed, and nobody else's.
enum PortCheck {
    private static let part = "ports"
    private static let meddlers = ["ModemManager", "brltty"]
    private static let namedMax = 6

    static func findings(_ box: Box) -> [Finding] {
        let devices = box.configuration?.home.devices ?? []
        let ports: [(device: String, path: String)] = devices.compactMap { setup in
            if case .serial(let path, _) = setup.address { (setup.id.text, path) } else { nil }
        }
        return ports.flatMap { findings($0.device, $0.path, box) } + meddling(ports.map(\.path), box)
    }

    private static func findings(_ device: String, _ path: String, _ box: Box) -> [Finding] {
        guard let real = FileFacts.resolved(box.root + path), let facts = FileFacts(real) else {
            return [missing(device, path, box)]
        }
        var findings: [Finding] = []
        let service = box.service
        if !facts.mayUse(user: service.user, groups: service.groups) {
            findings.append(denied(device, path, facts, service.name, box))
        }
        switch holders(of: real, box) {
        case .some(let holders) where !holders.isEmpty:
            let names = holders.map { "\($0.name) (process \($0.id))" }.joined(separator: ", ")
            findings.append(
                .fault(
                    part, "port-held", "another program has the port of \(device): it is not read",
                    proof: "\(path) is open in \(names)",
                    remedy: "end it: \(ending(holders)); then the daemon takes the port by itself"))
        case nil:
            findings.append(
                .unseen(
                    part, "port-holders-unseen", "who holds the port of \(device) cannot be seen",
                    proof: "/proc tells only root of other users' files", remedy: "run 'sudo homeward doctor'"))
        default: break
        }
        return findings.isEmpty
            ? [.fine(part, "port-good", "\(device): \(path) is there and free for the daemon")] : findings
    }

    private static func missing(_ device: String, _ path: String, _ box: Box) -> Finding {
        let present =
            (box.names("/dev").filter { $0.hasPrefix("ttyUSB") || $0.hasPrefix("ttyACM") }.map { "/dev/\($0)" }
            + box.names("/dev/homeward").map { "/dev/homeward/\($0)" }).prefix(namedMax)
        return .fault(
            part, "port-missing", "the port of \(device) is not there: it is not read",
            proof: "\(path) does not exist; there "
                + (present.isEmpty ? "is no USB serial port at all" : "are \(present.joined(separator: ", "))"),
            remedy:
                "plug the cable in and switch the device on; when its name has changed, set devices[].port to one "
                + "that stays, such as those below /dev/homeward/ or /dev/serial/by-id/")
    }

    private static func denied(
        _ device: String, _ path: String, _ facts: FileFacts, _ user: String, _ box: Box
    ) -> Finding {
        let group = box.groupName(facts.group)
        return .fault(
            part, "port-denied", "\(user) may not use the port of \(device): it is not read",
            proof: "\(path) belongs to \(box.userName(facts.user)):\(group), mode \(String(facts.mode, radix: 8))",
            remedy: facts.mode & 0o060 == 0o060
                ? "run 'sudo adduser \(user) \(group)' and 'sudo systemctl restart homeward'"
                : "install the udev rules of the package (60-homeward.rules), and plug the device in again")
    }

    /// Processes other than the daemon that have it open; `nil` when this cannot be seen.
    private static func holders(of path: String, _ box: Box) -> [Box.Process]? {
        var holders: [Box.Process] = []
        var isBlind = false
        for process in box.processes where process.id != box.daemon?.id {
            let folder = "\(box.root)/proc/\(process.id)/fd"
            guard let descriptors = try? File.names(in: folder) else {
                isBlind = isBlind || File.exists("\(box.root)/proc/\(process.id)")
                continue
            }
            if descriptors.contains(where: { FileFacts.target(of: "\(folder)/\($0)") == path }) {
                holders.append(process)
            }
        }
        return holders.isEmpty && isBlind ? nil : holders
    }

    private static func ending(_ holders: [Box.Process]) -> String {
        holders.map { holder in
            meddlers.contains(holder.name)
                ? "'sudo systemctl disable --now \(holder.name)'" : "'sudo kill \(holder.id)'"
        }.joined(separator: ", ")
    }

    /// Services that take or disturb ports whose rules do not tell them not to.
    private static func meddling(_ ports: [String], _ box: Box) -> [Finding] {
        meddlers.compactMap { name in
            guard let process = box.process(name) else { return nil }
            let open = ports.filter { !isGuarded($0, from: name, box) }
            guard let port = open.first else { return nil }
            return .warning(
                part, "port-meddler", "\(name) runs, and may take serial ports or write into them",
                proof: "process \(process.id) is \(name), and no rule of udev keeps it from \(port)",
                remedy:
                    "install the udev rules of the package (60-homeward.rules) and plug the device in "
                    + "again, or run "
                    + "'sudo systemctl disable --now \(name)'")
        }
    }

    private static func isGuarded(_ port: String, from name: String, _ box: Box) -> Bool {
        guard let real = FileFacts.resolved(box.root + port), let node = real.split(separator: "/").last,
            let number = box.text("/sys/class/tty/\(node)/dev"), let facts = box.text("/run/udev/data/c\(number)")
        else { return false }
        return name == "ModemManager"
            ? facts.contains("ID_MM_DEVICE_IGNORE=1") : facts.contains("BRLTTY_BRAILLE_DRIVER=")
    }
}
