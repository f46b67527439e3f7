public import Alarms
public import Delivery
public import DriverKit
public import Drivers
public import Loop
public import Timekeeping
public import Vitals

/// What this box is set up to do: its devices, whose they are, and the limits to watch.
public struct Home: Sendable {
    public var gateway: Identifier
    public var devices: [DeviceSetup]
    /// Limits for patients without limits of their own.
    public var limits: [LimitRule]
    public var limitsByPatient: [Identifier: [LimitRule]]
    /// How often `health` is published.
    public var healthInterval: Duration
    /// Among these the driver of a paired device is chosen.
    public var drivers: [any Driver.Type]
    public var analysis: AnalysisSettings

    public init(
        gateway: Identifier, devices: [DeviceSetup], limits: [LimitRule] = LimitRule.defaults,
        limitsByPatient: [Identifier: [LimitRule]] = [:], healthInterval: Duration = .seconds(60),
        drivers: [any Driver.Type] = Catalogue.drivers, analysis: AnalysisSettings = AnalysisSettings()
    ) {
        self.gateway = gateway
        self.devices = devices
        self.limits = limits
        self.limitsByPatient = limitsByPatient
        self.healthInterval = healthInterval
        self.drivers = drivers
        self.analysis = analysis
    }
}

/// One device: what it is, where it is, and whose.
public struct DeviceSetup: Sendable {
    public var id: Identifier
    public var driver: any Driver.Type
    public var address: Address
    /// `nil`: it belongs to nobody; its readings go to `unassigned` and raise no clinical alarm.
    public var patient: Identifier?
    public var settings: DriverSettings
    public var expectation: Expectation
    /// A kit that is being tried: nothing it says is clinical.
    public var isTest: Bool

    /// How often a device is meant to measure.
    public enum Expectation: Hashable, Sendable {
        /// Whenever the patient likes: silence means nothing.
        case spot
        /// All the time: this long without a value is a technical alarm.
        case continuous(missingAfter: Duration)
    }

    public init(
        id: Identifier, driver: any Driver.Type, address: Address, patient: Identifier?,
        settings: DriverSettings = DriverSettings(), expectation: Expectation = .spot, isTest: Bool = false
    ) {
        self.id = id
        self.driver = driver
        self.address = address
        self.patient = patient
        self.settings = settings
        self.expectation = expectation
        self.isTest = isTest
    }
}

/// The world as it is handed to the agent: everything it would otherwise have to fetch by itself.
public struct Surroundings: Sendable {
    public var loop: EventLoop
    public var courier: any Courier
    public var clock: @Sendable () -> WallClock
    public var timekeeper: Timekeeper
    /// A line for the journal, told once for each change of state and never for a reading.
    public var log: @Sendable (LogLevel, String) -> Void
    /// Seeds the jitter of the pauses between attempts.
    public var seed: UInt64
    public var version: String
    /// What the program knows of itself beyond the agent: members of the health message.
    public var health: @Sendable () async -> [UInt8]
    /// Where paired devices and assignments are kept. `nil`: nothing can be paired or assigned.
    public var state: (any StateFolder)?
    /// Keeps the raw frames of every connection. `nil`: only technicians record, when they ask.
    public var recordings: Recordings?

    public init(
        loop: EventLoop, courier: any Courier, clock: @escaping @Sendable () -> WallClock, timekeeper: Timekeeper,
        log: @escaping @Sendable (LogLevel, String) -> Void, seed: UInt64, version: String,
        health: @escaping @Sendable () async -> [UInt8] = { [] }, state: (any StateFolder)? = nil,
        recordings: Recordings? = nil
    ) {
        self.loop = loop
        self.courier = courier
        self.clock = clock
        self.timekeeper = timekeeper
        self.log = log
        self.seed = seed
        self.version = version
        self.health = health
        self.state = state
        self.recordings = recordings
    }
}

/// The syslog levels that the agent uses.
public enum LogLevel: Int, Hashable, Sendable, CaseIterable {
    case error = 3, warning, notice, info, debug
}
