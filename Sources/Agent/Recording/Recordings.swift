import DriverKit
public import Loop
import Synchronization
import Vitals

/// How much the raw recorder keeps.
public struct RecorderSettings: Hashable, Sendable {
    /// Of one connection, in memory and as a file, in bytes of text.
    public var bytesMaxPerDevice: Int
    /// The last connections of a device.
    public var filesMaxPerDevice: Int
    /// All files together.
    public var bytesMax: Int

    public static let bytesMaxPerDeviceUsual = 512 << 10

    public init(
        bytesMaxPerDevice: Int = Self.bytesMaxPerDeviceUsual, filesMaxPerDevice: Int = 4, bytesMax: Int = 64 << 20
    ) {
        self.bytesMaxPerDevice = bytesMaxPerDevice
        self.filesMaxPerDevice = filesMaxPerDevice
        self.bytesMax = bytesMax
    }
}

/// The files of the raw recorder: one for each connection, the oldest removed when there are too many.
///
/// Works on a loop that may block, never on the device loop. What is kept stands in a list beside the files, which
/// is written before a file is: whatever a power cut leaves behind is known and counted.
public actor Recordings: LoopActor {
    public nonisolated let loop: EventLoop
    public nonisolated let settings: RecorderSettings
    private let folder: any StateFolder
    private var ledger: RecordingLedger?
    /// Their recording is on its way to the disk.
    private nonisolated let pending = Mutex<Set<Identifier>>([])

    static let listName = "recordings.list"

    /// - Parameter folder: of its own; a file has at most 1 MiB.
    public init(_ settings: RecorderSettings, in folder: any StateFolder, on loop: EventLoop) {
        self.settings = settings
        self.folder = folder
        self.loop = loop
    }

    /// Something is on its way to the disk.
    nonisolated var isBusy: Bool { pending.withLock { !$0.isEmpty } }

    /// Keeps a recording beside everything else. One at a time for each device: a connection that ends while the
    /// disk is still busy with the one before is not kept.
    nonisolated func take(
        _ ring: CaptureRing, from start: Instant, head: [Capture.Note], of device: Identifier,
        log: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        guard pending.withLock({ $0.insert(device).inserted }) else {
            return log(.warning, "\(device): a recording was not kept, the disk is too slow")
        }
        Task(executorPreference: loop) {
            do throws(StateError) {
                let name = try await self.keep(ring, from: start, head: head, of: device)
                log(.info, "\(device): recorded as \(name)")
            } catch {
                log(.warning, "\(device): a recording was not kept, \(error)")
            }
            _ = self.pending.withLock { $0.remove(device) }
        }
    }

    /// - Returns: the name of the file.
    func keep(_ ring: CaptureRing, from start: Instant, head: [Capture.Note], of device: Identifier)
        async throws(StateError) -> String
    {
        let bytes = Array(ring.capture(from: start, provenance: head).text.utf8)
        var ledger = try await loaded()
        let entry = ledger.next(for: device, bytes: bytes.count)
        let old = ledger.makeRoom(for: entry, settings)
        for name in old { try await folder.remove(name) }
        ledger.entries.append(entry)
        try await folder.write(Array(ledger.text.utf8), to: Self.listName)
        self.ledger = ledger
        try await folder.write(bytes, to: entry.name)
        return entry.name
    }

    private func loaded() async throws(StateError) -> RecordingLedger {
        if let ledger { return ledger }
        let bytes = try await folder.read(Self.listName)
        return RecordingLedger(parsing: String(decoding: bytes ?? [], as: UTF8.self))
    }
}

/// Which files there are, the oldest first.
struct RecordingLedger: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        /// Counted over all devices.
        var number: Int
        /// The beginning of the file's name.
        var stem: String
        var bytes: Int

        var name: String { "\(stem).\(number).capture" }
    }

    var entries: [Entry] = []

    /// Lines that are damaged are passed over: their files are no longer counted.
    init(parsing text: String = "") {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let number = Int(words[0]), let bytes = Int(words[2]), number >= 0, bytes >= 0,
                number < Self.numberMax, Identifier(String(words[1])) != nil
            else { continue }
            entries.append(Entry(number: number, stem: String(words[1]), bytes: min(bytes, Self.numberMax)))
        }
    }

    static let numberMax = 1 << 40

    var text: String { entries.map { "\($0.number) \($0.stem) \($0.bytes)\n" }.joined() }

    func next(for device: Identifier, bytes: Int) -> Entry {
        Entry(number: (entries.map(\.number).max() ?? 0) + 1, stem: Self.stem(of: device), bytes: bytes)
    }

    /// Takes the oldest out until there is room.
    ///
    /// - Returns: the names of their files.
    mutating func makeRoom(for entry: Entry, _ settings: RecorderSettings) -> [String] {
        var removed: [String] = []
        func remove(_ index: Int) {
            removed.append(entries[index].name)
            entries.remove(at: index)
        }
        while entries.count(where: { $0.stem == entry.stem }) >= max(1, settings.filesMaxPerDevice),
            let index = entries.firstIndex(where: { $0.stem == entry.stem })
        {
            remove(index)
        }
        while !entries.isEmpty, entries.reduce(entry.bytes, { $0 + $1.bytes }) > settings.bytesMax { remove(0) }
        return removed
    }

    /// A device's name, cut where a file's name would be too long; then a number of all of it keeps it apart.
    static func stem(of device: Identifier) -> String {
        guard device.text.utf8.count > stemBytesMax else { return device.text }
        // FNV-1a, 32 bits.
        let hash = device.text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return "\(device.text.prefix(stemBytesMax - 9))-x\(String(hash, radix: 16))"
    }

    private static let stemBytesMax = 40
}
