import Agent
import Alarms
import Delivery
import DriverKit
import FoundationEssentials
import Vitals

/// The settings of the daemon: `/etc/homeward/homeward.json5`, JSON with comments.
struct Configuration {
    var home: Home
    var dataDirectory: String
    var broker: BrokerConfiguration
    var commitIntervalMilliseconds: Int
    var outboxBytesMax: Int
    var logLevel: LogLevel
    /// Commands that may come by MQTT; all others are refused.
    var commandsAllowed: Set<String>
    var isBluetoothEnabled: Bool
    /// What is plugged in is used, though the configuration does not name it.
    var isHotplugEnabled: Bool
    /// Where technicians' commands come in.
    var socketPath: String
    /// `nil`: only technicians record, when they ask.
    var recorder: RecorderSettings?

    static let bytesMax = 1 << 20

    /// Where the broker is and how to get in.
    struct BrokerConfiguration {
        var host: String
        var port: Int
        var usesVersion5: Bool
        var username: String?
        var passwordFile: String?
        var keepAliveSeconds: Int
        var tls: TLS?

        struct TLS {
            /// `nil`: the authorities that the system trusts.
            var caFile: String?
            var certificateFile: String?
            var keyFile: String?
        }
    }

    /// - Throws: every problem of the file, each with key, what was found and what is allowed.
    init(parsing bytes: [UInt8], file: String) throws(CommandError) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let value: ConfigurationValue
        do {
            value = try decoder.decode(ConfigurationValue.self, from: Data(bytes))
        } catch {
            let complaint = ConfigurationSyntax.complaint(bytes) ?? "\(error)"
            throw CommandError(.configuration, "\(file): is not JSON with comments: \(complaint)")
        }
        let problems = ConfigurationProblems()
        var root = ConfigurationSection(value, path: "", problems: problems)
        let configuration = Self.read(&root)
        root.finish()
        guard problems.lines.isEmpty, let configuration else {
            throw CommandError(.configuration, problems.lines.map { "\(file): \($0)" }.joined(separator: "\n"))
        }
        self = configuration
    }

    private init(
        home: Home, dataDirectory: String, broker: BrokerConfiguration, commitIntervalMilliseconds: Int,
        outboxBytesMax: Int, logLevel: LogLevel, commandsAllowed: Set<String>, isBluetoothEnabled: Bool,
        isHotplugEnabled: Bool, socketPath: String, recorder: RecorderSettings?
    ) {
        self.home = home
        self.dataDirectory = dataDirectory
        self.broker = broker
        self.commitIntervalMilliseconds = commitIntervalMilliseconds
        self.outboxBytesMax = outboxBytesMax
        self.logLevel = logLevel
        self.commandsAllowed = commandsAllowed
        self.isBluetoothEnabled = isBluetoothEnabled
        self.isHotplugEnabled = isHotplugEnabled
        self.socketPath = socketPath
        self.recorder = recorder
    }

    private static func read(_ root: inout ConfigurationSection) -> Configuration? {
        let gateway = HomeReader.identifier("gateway", &root)
        let dataDirectory = root.text("dataDirectory") ?? "/var/lib/homeward"
        let broker = broker(&root)
        let (interval, bytes) = outbox(&root)
        let health = root.integer("healthIntervalSeconds", in: 1 ... 3600, unit: "s") ?? 60
        let level = root.choice("logLevel", of: ["error", "warning", "notice", "info", "debug"]) ?? "info"
        let commands = commands(&root)
        let isBluetoothEnabled = isEnabled("bluetooth", &root)
        let isHotplugEnabled = isEnabled("hotplug", &root)
        let socketPath = socketPath(&root)
        let recorder = RecorderReader.settings(&root)
        let limits = LimitReader.limits(&root)
        let patients = HomeReader.patients(&root, defaults: limits)
        let devices = HomeReader.devices(&root)
        var analysis = AnalysisReader.settings(&root)
        analysis.trendsByPatient = patients.trends
        analysis.people = patients.people
        guard let gateway, let broker else { return nil }
        return Configuration(
            home: Home(
                gateway: gateway, devices: devices, limits: limits, limitsByPatient: patients.limits,
                healthInterval: .seconds(health), analysis: analysis),
            dataDirectory: dataDirectory, broker: broker, commitIntervalMilliseconds: interval,
            outboxBytesMax: bytes,
            logLevel: self.level(level), commandsAllowed: commands, isBluetoothEnabled: isBluetoothEnabled,
            isHotplugEnabled: isHotplugEnabled, socketPath: socketPath, recorder: recorder)
    }

    private static func broker(_ root: inout ConfigurationSection) -> BrokerConfiguration? {
        guard var section = root.section("broker") else {
            root.problems.add(
                "broker", found: "nothing", allowed: "a section with host, and port where it is not 1883")
            return nil
        }
        let host = section.requiredText("host", allowed: "the broker's host name or address")
        let tls = tls(&section)
        let broker = BrokerConfiguration(
            host: host ?? "", port: section.integer("port", in: 1 ... 65535) ?? (tls == nil ? 1883 : 8883),
            usesVersion5: (section.choice("protocol", of: ["5", "3.1.1"]) ?? "5") == "5",
            username: section.text("username"), passwordFile: section.text("passwordFile"),
            keepAliveSeconds: section.integer("keepAliveSeconds", in: 5 ... 600, unit: "s") ?? 15, tls: tls)
        if broker.passwordFile != nil, broker.username == nil {
            section.problems.add(
                section.path("passwordFile"), found: "a password without a username", allowed: "both, or neither")
        }
        section.finish()
        return host == nil ? nil : broker
    }

    private static func tls(_ broker: inout ConfigurationSection) -> BrokerConfiguration.TLS? {
        guard var section = broker.section("tls") else { return nil }
        let tls = BrokerConfiguration.TLS(
            caFile: section.text("caFile"), certificateFile: section.text("certificateFile"),
            keyFile: section.text("keyFile")
        )
        if (tls.certificateFile == nil) != (tls.keyFile == nil) {
            section.problems.add(
                section.path, found: "only one of certificateFile and keyFile", allowed: "both, or neither")
        }
        section.finish()
        return tls
    }

    private static func outbox(_ root: inout ConfigurationSection) -> (intervalMilliseconds: Int, bytesMax: Int) {
        guard var section = root.section("outbox") else { return (2, 512 << 20) }
        defer { section.finish() }
        return (
            section.integer("commitIntervalMilliseconds", in: 0 ... 60_000, unit: "ms") ?? 2,
            section.integer("bytesMax", in: 1 << 20 ... 1 << 40, unit: "bytes") ?? 512 << 20
        )
    }

    private static func commands(_ root: inout ConfigurationSection) -> Set<String> {
        guard var section = root.section("commands") else { return [] }
        defer { section.finish() }
        return Set(CommandDesk.names.filter { section.boolean($0, or: false) })
    }

    private static func isEnabled(_ key: String, _ root: inout ConfigurationSection) -> Bool {
        guard var section = root.section(key) else { return true }
        defer { section.finish() }
        return section.boolean("enabled", or: true)
    }

    private static func socketPath(_ root: inout ConfigurationSection) -> String {
        let usual = "/run/homeward/homeward.sock"
        guard var section = root.section("socket") else { return usual }
        defer { section.finish() }
        let path = section.text("path") ?? usual
        if !path.hasPrefix("/") || path.utf8.count > socketPathBytesMax {
            section.problems.add(
                section.path("path"), found: "\"\(path.prefix(120))\"",
                allowed: "a path from / on, of at most \(socketPathBytesMax) bytes")
        }
        return path
    }

    /// `sun_path` of unix(7) with its closing zero.
    private static let socketPathBytesMax = 107

    private static func level(_ name: String) -> LogLevel {
        switch name {
        case "error": .error
        case "warning": .warning
        case "notice": .notice
        case "debug": .debug
        default: .info
        }
    }
}
