import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Trends
import Vitals

/// A case of devices that exists only here: each packet is one number of today.
///
///     C0 metric hh ll        in hundredths; the metric by its place in `metrics`
///     C1 days hh ll          FEV1 of three blows so many days ago, from its memory
struct Satchel: Driver {
    static let metrics: [Metric] = [
        .oxygenSaturation, .pulseRate, .respirationRate, .bodyTemperature, .bloodPressureSystolic,
        .forcedExpiratoryVolume1s, .peakExpiratoryFlow,
    ]
    static let manifest = Manifest(
        id: "satchel", family: "Satchel", vendor: "Nobody", models: ["Satchel"], serial: SerialSettings(baud: 9600),
        metrics: metrics, evidence: .example, sources: [])

    init(settings: DriverSettings) {}

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        guard bytes.count == 4 else { return }
        let value = Double(UInt16(bytes[2]) << 8 | UInt16(bytes[3])) / 100
        if bytes[0] == 0xC1, let time = turn.localTime?.adding(seconds: -Int64(bytes[1]) * 86_400) {
            let blows = (1 ... 3).map {
                Manoeuvre(number: $0, results: [ManoeuvreResult(.forcedExpiratoryVolume1s, value)])
            }
            turn.report(Session(.spirometry, manoeuvres: blows, source: .stored, deviceTime: time))
        }
        guard bytes[0] == 0xC0, Self.metrics.indices.contains(Int(bytes[1])) else { return }
        turn.report(Reading(Self.metrics[Int(bytes[1])], value))
    }

    static func stored(_ daysAgo: Int, _ value: Double) -> [UInt8] {
        let bits = UInt16(clamping: Int((value * 100).rounded()))
        return [0xC1, UInt8(clamping: daysAgo), UInt8(bits >> 8), UInt8(truncatingIfNeeded: bits)]
    }

    static func packet(_ metric: Metric, _ value: Double) -> [UInt8] {
        let bits = UInt16(clamping: Int((value * 100).rounded()))
        return [
            0xC0, UInt8(metrics.firstIndex(of: metric) ?? 0xFF), UInt8(bits >> 8), UInt8(truncatingIfNeeded: bits),
        ]
    }
}

/// A patient at home for weeks: the box is on for half an hour a day, and starts anew with what it kept.
struct Diary {
    /// What is measured, every 30 s for ten minutes.
    typealias Values = [Metric: Double]

    var devices = ["satchel-1"]
    /// Whose turn it is to measure; the others are silent.
    var measuring = "satchel-1"
    var analysis = AnalysisSettings()
    /// Those that are not there.
    var missing: Set<String> = []
    /// The plug is pulled after so many seconds: what was kept until then is left. `nil`: it is stopped.
    var pulledAfter: Int?
    /// How far the wall clock is wrong, s: then nobody vouches for it.
    var clockError: Int64 = 0
    /// What comes from the memory of the one who measures, first of all.
    var stored: [[UInt8]] = []
    private(set) var kept: [Keepsake] = []
    /// Each with its day.
    private(set) var alerts: [(day: Int, draft: Draft)] = []
    private(set) var standing: [String: String] = [:]

    static let seconds = 1800
    /// 2026-01-15T09:00:00Z, a part of the day that begins at eight.
    static let firstMorning: Int64 = 1_768_467_600

    /// Each of the days, in its own start of the box. No values: the box is on, and nobody measures.
    mutating func live(_ days: some Sequence<Int>, _ values: Values) throws {
        for day in days { try live(day, values) }
    }

    /// - Returns: everything that was said.
    @discardableResult
    mutating func live(_ day: Int, _ values: Values) throws -> Stage.Record {
        var stage = Stage()
        stage.boot = "boot-\(day)"
        stage.seconds = Self.seconds
        stage.utcAtBoot = Self.firstMorning + Int64(day) * 86_400 + clockError
        stage.trust = clockError == 0 ? .synchronized : .unsynchronized
        stage.keepsakes = kept
        stage.drivers = [Satchel.self]
        stage.analysis = analysis
        stage.devices = devices.map {
            DeviceSetup(
                id: name($0), driver: Satchel.self,
                address: .serial(path: "/dev/\($0)", SerialSettings(baud: 9600)), patient: name("p-17"))
        }
        let memory = stored.map { (at: Instant.boot + .seconds(10), bytes: $0) }
        let script =
            memory
            + (1 ... 20).flatMap { round in
                values.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    (at: Instant.boot + .seconds(30 * round), bytes: Satchel.packet($0.key, $0.value))
                }
            }
        let (all, one) = (devices.filter { !missing.contains($0) }, measuring)
        stage.plug = { connector, _ in
            for device in all { connector.add("/dev/\(device)", script: device == one ? script : []) }
        }
        var record = try stage.play()
        if let pulledAfter { record = record.until(.boot + .seconds(pulledAfter), remembering: kept) }
        kept = record.kept
        alerts += record.drafts.filter { $0.schema == "alert" }.map { (day, $0) }
        standing.merge(record.retained) { $1 }
        standing = standing.filter { !$0.value.isEmpty }
        return record
    }

    /// Alerts as `day phase priority condition`.
    var story: [String] { alerts.map { "\($0.day) \($0.draft.alert)" } }

    func alerts(_ condition: String) -> [String] { story.filter { $0.contains(" \(condition)") } }

    var trends: PatientTrends? {
        let key = "trends/p-17"
        guard let value = kept.first(where: { $0.key == key })?.value else { return nil }
        return PatientTrends(text: String(decoding: value, as: UTF8.self), settings: TrendSettings())
    }

    func first(_ start: String) -> Draft? { alerts.first { $0.draft.alert.hasPrefix(start) }?.draft }
}

extension Stage.Record {
    /// What there is of it when the plug is pulled: what was said and kept before.
    fileprivate func until(_ end: Instant, remembering keepsakes: [Keepsake]) -> Self {
        var record = self
        record.entries = entries.filter { $0.at < end }
        var left = Dictionary(uniqueKeysWithValues: keepsakes.map { ($0.key, $0.value) })
        for case .accepted(_, let keeping, _) in record.entries {
            for keepsake in keeping { left[keepsake.key] = keepsake.value }
        }
        record.kept = left.compactMap { key, value in value.map { Keepsake(key, $0) } }.sorted { $0.key < $1.key }
        return record
    }

    /// Of each topic what was retained last, empty when it was taken away.
    fileprivate var retained: [String: String] {
        drafts.filter(\.isRetained).reduce(into: [:]) { $0[$1.topic] = $1.text }
    }
}
