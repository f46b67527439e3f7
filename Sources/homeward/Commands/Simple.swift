import Agent
import Delivery
import DriverKit
import Drivers
import Linux

extension Command {
    static let checkConfiguration = Command(
        name: "check-config", synopsis: "check-config FILE",
        summary: "Says whether a configuration is good, and what is wrong with it.",
        details: ["Every problem is a line: file, key, what was found, what is allowed. Exit status 78."],
        grammar: .init(operandsMax: 1)
    ) { arguments, _ in
        let (file, configuration) = try ConfigurationFile.read(arguments.operands.first)
        let console = try Console()
        console.line("\(file): good, \(configuration.home.devices.count) devices")
        console.flush()
        return .success
    }

    static let drivers = Command(
        name: "drivers", synopsis: "drivers [--json | --markdown]",
        summary: "Lists the device families it reads, and how well each is known.",
        details: [
            "  --json       a list of objects, for programs", "  --markdown   the page docs/devices.md",
        ], grammar: .init(flags: ["--json", "--markdown"])
    ) { arguments, _ in
        let console = try Console()
        let manifests = Catalogue.drivers.map { $0.manifest }
        if arguments.has("--json") {
            console.line(DriverList.json(manifests))
        } else if arguments.has("--markdown") {
            console.write(DevicesPage.text(for: manifests))
        } else {
            for line in manifests.flatMap({ DriverList.text($0, console) }) { console.line(line) }
        }
        console.flush()
        return .success
    }

    static let udevRules = Command(
        name: "udev-rules", synopsis: "udev-rules",
        summary: "Prints the udev rules for the devices it can read.",
        details: ["They belong in /etc/udev/rules.d/60-homeward.rules."], grammar: .init()
    ) { _, _ in
        let console = try Console()
        console.line(String(UdevRules.text(for: Catalogue.drivers.map { $0.manifest }).dropLast()))
        console.flush()
        return .success
    }

    static let version = Command(
        name: "version", synopsis: "version", summary: "Prints the version.", details: [], grammar: .init()
    ) { _, _ in
        let console = try Console()
        console.line("homeward \(Version.text)")
        console.flush()
        return .success
    }
}

enum Version {
    static let text = "0.1.0"
}

/// Reads the file that a command was given.
enum ConfigurationFile {
    static func read(_ file: String?) throws(CommandError) -> (file: String, configuration: Configuration) {
        let path = file ?? "/etc/homeward/homeward.json5"
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try File.read(path, bytesMax: Configuration.bytesMax)
        } catch {
            throw CommandError(.noInput, "\(error): name a readable configuration file")
        }
        return (path, try Configuration(parsing: bytes, file: path))
    }
}
