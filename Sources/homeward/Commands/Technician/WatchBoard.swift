import Vitals

/// The latest of everything that is watched.
struct WatchBoard {
    struct Device {
        var name: String
        var link: String?
        var problem: String?
        /// In the order in which they first came.
        var readings: [(reading: ReadingEvent, at: Instant)] = []
        var waves: [Wave] = []
        /// The last one.
        var session: (event: SessionEvent, at: Instant)?
    }

    private(set) var devices: [Device] = []
    private(set) var alerts: [AlertEvent] = []
    private(set) var droppedCount = 0

    static let devicesMax = 64
    static let metricsMax = 32
    static let alertsMax = 3

    mutating func take(_ event: TechnicianEvent, at now: Instant) {
        switch event {
        case .reading(let reading):
            change(reading.device ?? "-") { $0.take(reading, at: now) }
        case .waveform(let waveform):
            change(waveform.device ?? "-") { $0.take(waveform) }
        case .session(let session):
            change(session.device ?? "-") { $0.session = (session, now) }
        case .link(let link):
            change(link.device) { device in
                device.link = link.link
                device.problem = link.problem
            }
        case .alert(let alert):
            alerts = (alerts + [alert]).suffix(Self.alertsMax)
        case .dropped(let count): droppedCount &+= count
        default: break
        }
    }

    private mutating func change(_ name: String, _ change: (inout Device) -> Void) {
        if let index = devices.firstIndex(where: { $0.name == name }) { return change(&devices[index]) }
        guard devices.count < Self.devicesMax else { return }
        var device = Device(name: name)
        change(&device)
        let place = devices.firstIndex { $0.name > name } ?? devices.endIndex
        devices.insert(device, at: place)
    }
}

extension WatchBoard.Device {
    mutating func take(_ reading: ReadingEvent, at now: Instant) {
        if let index = readings.firstIndex(where: { $0.reading.metric == reading.metric }) {
            readings[index] = (reading, now)
        } else if readings.count < WatchBoard.metricsMax {
            readings.append((reading, now))
        }
    }

    mutating func take(_ waveform: WaveformEvent) {
        let index =
            waves.firstIndex { $0.metric == waveform.metric }
            ?? {
                waves.append(Wave(metric: waveform.metric))
                return waves.count - 1
            }()
        waves[index].take(waveform)
        if waves.count > WatchBoard.metricsMax { waves.removeLast() }
    }
}

/// The last seconds of a waveform.
struct Wave {
    let metric: String
    private(set) var sampleRateHz = Self.rateWithoutWord
    private(set) var unit: String?
    private(set) var samples: [Double] = []

    static let seconds = 4.0
    static let rateWithoutWord = 125.0
    static let samplesMax = 8192

    init(metric: String) { self.metric = metric }

    /// How many samples the window holds.
    var capacity: Int { min(Self.samplesMax, max(2, Int(sampleRateHz * Self.seconds))) }

    mutating func take(_ waveform: WaveformEvent) {
        if let rate = waveform.sampleRateHz, (1 ... 10_000).contains(rate) { sampleRateHz = rate }
        unit = waveform.unit ?? unit
        let scale = waveform.scale ?? 1
        let offset = waveform.offset ?? 0
        samples.append(contentsOf: waveform.samples.suffix(capacity).map { $0 * scale + offset }.filter(\.isFinite))
        if samples.count > capacity { samples.removeFirst(samples.count - capacity) }
    }
}
