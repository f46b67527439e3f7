import Agent
import Alarms
import DriverKit
import Drivers
import Trends
import Vitals

/// Reads the devices and the patients of a configuration.
enum HomeReader {
    static let devicesMax = 64

    static func identifier(_ key: String, _ section: inout ConfigurationSection) -> Identifier? {
        guard let text = section.requiredText(key, allowed: Identifier.rule) else { return nil }
        if let identifier = Identifier(text) { return identifier }
        section.problems.add(section.path(key), found: "\"\(text.prefix(80))\"", allowed: Identifier.rule)
        return nil
    }

    /// What is decided for single patients.
    struct Patients {
        var limits: [Identifier: [LimitRule]] = [:]
        var trends: [Identifier: TrendSettings] = [:]
        var people: [Identifier: AnalysisSettings.Person] = [:]
    }

    static func patients(_ root: inout ConfigurationSection, defaults: [LimitRule]) -> Patients {
        var patients = Patients()
        guard var section = root.section("patients") else { return patients }
        for key in section.keys {
            guard let patient = Identifier(key) else {
                section.problems.add(
                    section.path(key), found: "the name \"\(key.prefix(80))\"", allowed: Identifier.rule)
                _ = section.value(key)
                continue
            }
            guard var one = section.section(key) else { continue }
            patients.limits[patient] = LimitReader.limits(&one, over: defaults)
            patients.trends[patient] = AnalysisReader.trends(&one)
            patients.people[patient] = AnalysisReader.person(&one)
            one.finish()
        }
        section.finish()
        return patients
    }

    static func devices(_ root: inout ConfigurationSection) -> [DeviceSetup] {
        let values = root.list("devices") ?? []
        if values.count > devicesMax {
            root.problems.add("devices", found: "\(values.count) devices", allowed: "at most \(devicesMax)")
        }
        var devices: [DeviceSetup] = []
        for (index, value) in values.prefix(devicesMax).enumerated() {
            var section = ConfigurationSection(value, path: "devices[\(index)]", problems: root.problems)
            if let device = device(&section) {
                checkUnique(device, among: devices, section)
                devices.append(device)
            }
            section.finish()
        }
        return devices
    }

    private static func checkUnique(
        _ device: DeviceSetup, among others: [DeviceSetup], _ section: ConfigurationSection
    ) {
        if others.contains(where: { $0.id == device.id }) {
            section.problems.add(
                section.path("id"), found: "\"\(device.id)\" a second time", allowed: "a name of its own")
        }
        if others.contains(where: { $0.address.description == device.address.description }) {
            section.problems.add(
                section.path("port"), found: "\"\(device.address)\" a second time", allowed: "a port of its own")
        }
    }

    private static func device(_ section: inout ConfigurationSection) -> DeviceSetup? {
        let id = identifier("id", &section)
        let driver = driver(&section)
        let port = section.requiredText("port", allowed: "the path of a serial port, such as /dev/ttyUSB0")
        let patient = section.value("patient") == nil ? nil : identifier("patient", &section)
        // Without a driver that says otherwise there is an error already.
        let line = serial(&section, default: driver?.manifest.serial ?? SerialSettings(baud: 9600))
        let settings = settings(&section, driver?.manifest)
        let expectation = expectation(&section)
        let isTest = section.boolean("test", or: false)
        guard let id, let driver, let port else { return nil }
        return DeviceSetup(
            id: id, driver: driver, address: .serial(path: port, line), patient: patient, settings: settings,
            expectation: expectation, isTest: isTest)
    }

    private static func driver(_ section: inout ConfigurationSection) -> (any Driver.Type)? {
        let ids = Catalogue.drivers.map { $0.manifest.id }
        let allowed = "one of \(ids.joined(separator: ", "))"
        guard let id = section.requiredText("driver", allowed: allowed) else { return nil }
        if let driver = Catalogue.driver(id: id) {
            guard driver.manifest.serial == nil else { return driver }
            section.problems.add(
                section.path("driver"), found: "\"\(id)\", whose devices have no serial port",
                allowed: "a driver with one; a Bluetooth device is paired with 'homeward pair'")
            return nil
        }
        let hint = Similar.closest(to: id, in: ids).map { " (did you mean \($0)?)" } ?? ""
        section.problems.add(section.path("driver"), found: "\"\(id.prefix(80))\"\(hint)", allowed: allowed)
        return nil
    }

    private static func serial(_ section: inout ConfigurationSection, default line: SerialSettings)
        -> SerialSettings
    {
        SerialSettings(
            baud: section.integer("baud", in: 1200 ... 4_000_000, unit: "baud") ?? line.baud,
            dataBits: section.integer("dataBits", in: 7 ... 8) ?? line.dataBits,
            parity: section.choice("parity", of: SerialSettings.Parity.allCases.map(\.rawValue))
                .flatMap(SerialSettings.Parity.init) ?? line.parity,
            stopBits: section.integer("stopBits", in: 1 ... 2) ?? line.stopBits,
            flowControl: section.choice("flowControl", of: SerialSettings.FlowControl.allCases.map(\.rawValue))
                .flatMap(SerialSettings.FlowControl.init) ?? line.flowControl)
    }

    private static func settings(_ section: inout ConfigurationSection, _ manifest: Manifest?) -> DriverSettings {
        let formats = manifest?.formats ?? []
        let settings = DriverSettings(
            reportsWaveforms: section.boolean("waveforms", or: false),
            fetchesStored: section.boolean("fetchStored", or: false),
            setsClock: section.boolean("setClock", or: false),
            format: formats.isEmpty ? nil : section.choice("format", of: formats))
        guard let manifest else {
            _ = section.value("format")
            return settings
        }
        if settings.fetchesStored, !manifest.canFetchStored {
            section.problems.add(
                section.path("fetchStored"), found: "true", allowed: "false: \(manifest.id) has nothing to fetch")
        }
        if settings.setsClock, !manifest.canSetClock {
            section.problems.add(
                section.path("setClock"), found: "true", allowed: "false: \(manifest.id) has no clock to set")
        }
        return settings
    }

    private static func expectation(_ section: inout ConfigurationSection) -> DeviceSetup.Expectation {
        let kind = section.choice("expect", of: ["spot", "continuous"]) ?? "spot"
        let seconds = section.integer("missingAfterSeconds", in: 5 ... 86_400, unit: "s")
        if kind == "spot", seconds != nil {
            section.problems.add(
                section.path("missingAfterSeconds"), found: "a time for a device with expect \"spot\"",
                allowed: "only together with expect \"continuous\"")
        }
        return kind == "spot" ? .spot : .continuous(missingAfter: .seconds(seconds ?? 60))
    }
}
