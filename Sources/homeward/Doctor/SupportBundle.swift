import Delivery
import Linux
import Loop
import Vitals

extension Command {
    static let supportBundle = Command(
        name: "support-bundle", synopsis: "support-bundle [FILE] [--config FILE] [--socket PATH] [--system FOLDER]",
        summary: "Writes what helpers need to know of this box into an archive, without patients and passwords.",
        details: [
            "  --config FILE     /etc/homeward/homeward.json5 unless told",
            "  --socket PATH     the daemon's socket; the configuration's unless told",
            "  --system FOLDER   where /sys, /proc, /run, /etc and /dev are looked at",
            "",
            "FILE is homeward-support.tar unless told. In it: version, findings of doctor, the configuration, the "
                + "devices, the daemon's status, kernel and adapter, the last lines of the journal. "
                + "Names of patients, "
                + "of the broker and its users are replaced. Look into it before you give it away.",
        ],
        grammar: .init(options: ["--config", "--socket", "--system"], operandsMax: 1)
    ) { arguments, loop in
        let box = Box(
            file: arguments["--config"] ?? "/etc/homeward/homeward.json5", socket: arguments["--socket"],
            root: arguments["--system"] ?? "", loop: loop)
        let path = arguments.operands.first ?? "homeward-support.tar"
        let bytes = await SupportBundle(box).archive()
        do throws(SystemError) { try File.write(bytes, to: path, mode: 0o600) } catch {
            throw CommandError(.cannotCreate, "support-bundle: \(error)")
        }
        let console = try Console()
        console.line("\(path): \(bytes.count) bytes. Look into it before you give it away: tar -xOf \(path)")
        console.flush()
        return .success
    }
}

/// What is known of a box, without persons and secrets.
final class SupportBundle {
    private let box: Box
    private var redaction = Redaction()
    private static let journalLinesMax = 500
    private static let fileBytesMax = 1 << 20
    private static let registryName = "state/devices.json"

    init(_ box: Box) { self.box = box }

    func archive() async -> [UInt8] {
        let settings = (try? File.read(box.file, bytesMax: Self.fileBytesMax)).flatMap(Redaction.parse)
        let registry = (try? File.read("\(box.dataDirectory)/\(Self.registryName)", bytesMax: Self.fileBytesMax))
            .flatMap(Redaction.parse)
        learn(settings, registry)
        var findings = await Doctor.examine(box)
        if settings == nil {
            // What is no JSON cannot be learned from, and the complaint may quote it.
            for index in findings.indices where findings[index].code == "configuration-bad" {
                findings[index].proof = Redaction.hidden
            }
        }
        let answer = await DaemonCheck.ask(box)
        learn(answer)
        var files: [(String, String)] = [
            ("version.txt", "homeward \(Version.text)\n"),
            ("doctor.jsonl", findings.map(DoctorReport.json).joined(separator: "\n") + "\n"),
            ("system.txt", system()),
            ("journal.txt", await journal()),
            ("status.txt", status(answer)),
        ]
        files = files.map { ($0.0, redaction.clean($0.1)) }
        files.append(("configuration.json", redacted(settings, "the configuration \(box.file) could not be read")))
        files.append(
            ("devices.json", redacted(registry, "there is no list of paired devices, or it could not be read")))
        let time = (try? SystemClock()).map { $0.read().utcNanoseconds / 1_000_000_000 } ?? 0
        var archive = Archive()
        for (name, text) in files { archive.add("homeward-support/\(name)", Array(text.utf8), time: time) }
        return archive.finished()
    }

    // MARK: What must not be in it

    private func learn(_ settings: ConfigurationValue?, _ registry: ConfigurationValue?) {
        for value in [settings, registry] { if let value { redaction.learn(value) } }
        guard let broker = box.configuration?.broker else { return }
        if let path = broker.passwordFile, let text = try? File.readText(path, bytesMax: Self.fileBytesMax),
            let password = text.split(whereSeparator: \.isNewline).first
        {
            redaction.learnSecret(String(password), as: "password")
        }
        for address in (try? Reachability.addresses(of: broker.host)) ?? [] {
            redaction.learnSecret(address, as: "host")
        }
    }

    private func learn(_ answer: DaemonCheck.Answer) {
        guard case .status(let status) = answer else { return }
        for device in status.devices ?? [] {
            if let patient = device.patient { redaction.learnPatient(patient) }
            for assignment in device.assignments ?? [] {
                if let patient = assignment.patient { redaction.learnPatient(patient) }
                if let by = assignment.by { redaction.learnSecret(by, as: "by") }
            }
        }
    }

    // MARK: What is in it

    private func redacted(_ value: ConfigurationValue?, _ absence: String) -> String {
        (value.map { redaction.json($0) } ?? redaction.clean(absence)) + "\n"
    }

    private func system() -> String {
        var lines = [
            "kernel: \(box.text("/proc/version") ?? "?")",
            "uptime: \(box.text("/proc/uptime") ?? "?")",
            "Debian: \(box.text("/etc/debian_version") ?? "?")",
            "adapters: \(box.names("/sys/class/bluetooth").joined(separator: " "))",
            "ports: \(box.names("/sys/class/tty").filter { $0.hasPrefix("ttyUSB") || $0.hasPrefix("ttyACM") })",
        ]
        if let space = try? DiskSpace(of: box.dataDirectory) {
            lines.append("data: \(DiskCheck.megabytes(space.freeBytes)) free")
        }
        for name in (try? File.names(in: box.dataDirectory)) ?? [] { lines.append("data file: \(name)") }
        for name in box.names("/sys/bus/usb/devices") {
            let folder = "/sys/bus/usb/devices/\(name)"
            guard let vendor = box.text("\(folder)/idVendor"), let product = box.text("\(folder)/idProduct") else {
                continue
            }
            lines.append("usb \(name): \(vendor):\(product) \(box.text("\(folder)/product") ?? "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func status(_ answer: DaemonCheck.Answer) -> String {
        guard case .status(let status) = answer else { return "the daemon gave no status\n" }
        var lines = ["radio: \(status.radio?.state ?? "none") \(status.radio?.problem ?? "")"]
        for (name, lane) in (status.delivery?.lanes ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("lane \(name): \(lane.depth ?? 0) wait, oldest \(lane.oldestAgeMilliseconds ?? 0) ms")
        }
        for device in status.devices ?? [] {
            lines.append(
                "device \(device.device): \(device.driver ?? "?"), \(device.link ?? "?"), "
                    + "\(device.problem ?? "no problem"), "
                    + "heard \(device.lastHeardMilliseconds.map { "\($0) ms ago" } ?? "never")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func journal() async -> String {
        let words = [
            "-u", "homeward", "-n", "\(Self.journalLinesMax)", "--no-pager", "-o", "short-iso", "--no-hostname",
        ]
        let said = await Tool.said("journalctl", words, within: .seconds(10), on: box.loop)
        return said ?? "the journal could not be read\n"
    }
}
