import DriverKit

/// The stored nights, one file after another: those still to fetch, and the one under way.
struct OxyDownload: Sendable {
    /// Not fetched yet, oldest first.
    var names: ArraySlice<String> = []
    private(set) var name = ""
    private(set) var size = 0
    private(set) var block = 0
    private var bytes: [UInt8] = []
    /// Closed after a request without an answer, to be opened again and read on.
    var isInterrupted = false
    /// Interruptions of this file.
    private(set) var interruptions = 0
    /// What came of it, while it is told.
    private(set) var file: OxyFile?

    /// 14 hours with a record every second.
    static let fileBytesMax = 262_144
    static let nameBytesMax = 31
    static let interruptionsMax = 2

    /// `false`: there is no other.
    mutating func beginNext() -> Bool {
        guard let next = names.popFirst() else { return false }
        let rest = names
        self = OxyDownload()
        names = rest
        name = next
        return true
    }

    mutating func open(size: Int, _ turn: inout Turn) {
        isInterrupted = false
        guard size <= Self.fileBytesMax else {
            turn.report(.malformed("stored file of \(size) bytes"))
            return
        }
        self.size = size
    }

    var isWhole: Bool { bytes.count >= size }

    mutating func append(_ payload: ArraySlice<UInt8>) {
        bytes += payload.prefix(max(0, size - bytes.count))
        block += 1
    }

    mutating func interrupt() -> Bool {
        guard interruptions < Self.interruptionsMax else { return false }
        interruptions += 1
        isInterrupted = true
        return true
    }

    /// No more will come of it: begins to tell what there is. `false`: there is nothing.
    mutating func finish(_ turn: inout Turn) -> Bool {
        guard size > 0 else { return false }
        do throws(OxyFileError) {
            let file = try OxyFile(bytes, size: size, name: name)
            turn.report(.storedSegment(start: file.start, records: file.announced))
            self.file = file
            return true
        } catch {
            turn.report(error.fault)
            return false
        }
    }

    /// `true` when all of it has been told.
    mutating func tell(_ turn: inout Turn) -> Bool {
        file?.tell(&turn)
        guard file?.isTold != false else { return false }
        close(&turn)
        return true
    }

    /// Says what is missing of the file that was being told.
    mutating func close(_ turn: inout Turn) {
        if let file { turn.report(.storedComplete(records: file.told, missing: file.announced - file.told)) }
        file = nil
    }
}
