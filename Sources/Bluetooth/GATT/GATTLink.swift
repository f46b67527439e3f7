public import DriverKit
public import Loop
public import Vitals

/// A link to a device that speaks GATT: each channel is a characteristic that its driver uses.
///
/// A chunk is one value: read at the opening, notified or indicated. An indication is confirmed when the next chunk
/// is asked for, so when the consumer has dealt with it; until then the device keeps it.
public final class GATTLink: Link {
    /// A characteristic that is there.
    struct Pipe {
        var use: CharacteristicUse
        var characteristic: GATTTable.Characteristic
    }

    let client: ATTClient
    let profile: BluetoothProfile
    let cache: GATTCache?
    let log: BoundedLog
    private let loop: EventLoop
    var table = GATTTable()
    /// The table is from the last connection.
    var isCached = false
    /// In the order of the profile.
    var pipes: [Pipe] = []
    private var owesConfirmation = false

    /// Finds out what the device has, reads and subscribes to what the profile names, in its order.
    ///
    /// - Parameters:
    ///   - link: the attribute channel; each chunk is a PDU. Closed when this one is, or when the opening fails.
    ///   - cache: where the device's attributes are remembered; `nil`: they are not.
    ///   - localTime: what the device is told when it asks for the time; `nil` while the box does not know it.
    ///   - log: told of what is odd, at most 20 times a connection.
    public static func open(
        over link: any Link, profile: BluetoothProfile, device: BluetoothAddress, cache: (any StateFolder)?,
        localTime: @escaping () -> CivilTime?, on loop: EventLoop, log: @escaping @Sendable (String) -> Void
    ) async throws(LinkError) -> GATTLink {
        let log = BoundedLog(log)
        let client = ATTClient(over: link, server: HomeServer.make(localTime: localTime), on: loop, log: log)
        let opened = GATTLink(
            client, profile, cache.map { GATTCache($0, device: device, log: log) }, on: loop, log: log)
        do throws(LinkError) {
            try await opened.begin()
        } catch {
            opened.close()
            throw error
        }
        return opened
    }

    private init(
        _ client: ATTClient, _ profile: BluetoothProfile, _ cache: GATTCache?, on loop: EventLoop, log: BoundedLog
    ) {
        self.client = client
        self.profile = profile
        self.cache = cache
        self.loop = loop
        self.log = log
    }

    /// All primary services of the device, in its order.
    public var services: [BluetoothUUID] { table.services.map(\.type) }
    public var channels: [Channel] { pipes.map(\.use.channel) }
    /// What the two ends agreed on; a notification carries 3 bytes less.
    public var mtu: Int { client.mtu }

    public func close() { client.close() }

    // MARK: Receiving

    public func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        if owesConfirmation {
            owesConfirmation = false
            // When that fails, what has been received already is still given, and the failure after it.
            _ = try? await client.confirm()
        }
        while let value = try await client.next(before: deadline) {
            if let place = pipes.firstIndex(where: { $0.characteristic.handle == value.handle }) {
                owesConfirmation = value.isIndication
                return Chunk(value.bytes, from: pipes[place].use.channel, at: value.at)
            }
            log("value of handle \(ATTText.handle(value.handle)), which nobody uses, passed over")
            if value.isIndication { try await client.confirm() }
            if loop.now >= deadline { return nil }
        }
        guard client.areServicesChanged else { return nil }
        await cache?.remove()
        close()
        throw .bluetooth(.linkLost, "the device has other services than before, they are looked for anew")
    }

    // MARK: Sending

    /// With response where the driver wants one and the device gives it. What is longer than one write is written
    /// in pieces, or, when it is one message and the driver names no length of pieces, as one long value. What the
    /// device refuses is told to the log, and does not end the link.
    public func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        guard let pipe = pipes.first(where: { $0.use.channel == channel }) else {
            return log("nothing written to \(channel): the device does not have it")
        }
        let properties = pipe.characteristic.properties
        let wantsAnswer = pipe.use.access.contains(.write) || !properties.contains(.writeWithoutResponse)
        let isAnswered = wantsAnswer && properties.contains(.write)
        guard isAnswered || properties.contains(.writeWithoutResponse) else {
            return log("nothing written to \(channel): the device does not let it be written")
        }
        let room = client.mtu - 3
        if isAnswered, pipe.use.framing == .message, pipe.use.writeBytesMax == nil, bytes.count > room {
            return try heed(try await writeLong(ATTValue(pipe.characteristic.handle, bytes)))
        }
        let length = max(1, min(pipe.use.writeBytesMax ?? room, room))
        var start = 0
        repeat {
            let end = min(start + length, bytes.count)
            let piece = ATTValue(pipe.characteristic.handle, Array(bytes[start ..< end]))
            start = end
            if isAnswered {
                let refusal = try await write(piece)
                try heed(refusal)
                // The rest would be a request without its head.
                if refusal != nil { return }
            } else {
                try await client.command(.writeCommand(piece))
            }
        } while start < bytes.count
    }

    /// Only a device that wants to be paired ends the link.
    private func heed(_ refusal: ATTRefusal?) throws(LinkError) {
        guard let refusal else { return }
        if refusal.code.asksForPairing { throw refusal.linkError }
        if isCached, refusal.code.tellsOfOtherHandles { client.areServicesChanged = true }
        log("\(refusal)")
    }

    func write(_ value: ATTValue) async throws(LinkError) -> ATTRefusal? {
        switch try await client.request(.writeRequest(value)) {
        case .response: nil
        case .refused(let refusal): refusal
        }
    }

    /// In prepared pieces, each of which the device sends back, and then all at once
    /// (Core Specification 5.4, Vol 3, Part G, 4.9.4).
    private func writeLong(_ value: ATTValue) async throws(LinkError) -> ATTRefusal? {
        guard value.bytes.count <= ATTPDU.valueBytesMax else {
            log("nothing written: \(value.bytes.count) bytes, a value has \(ATTPDU.valueBytesMax) at most")
            return nil
        }
        let room = client.mtu - 5
        var refusal: ATTRefusal?
        var isSame = true
        var start = 0
        while start < value.bytes.count, refusal == nil, isSame {
            let piece = ATTValue(value.handle, Array(value.bytes[start ..< min(start + room, value.bytes.count)]))
            let offset = UInt16(truncatingIfNeeded: start)
            switch try await client.request(.prepareWriteRequest(piece, offset: offset)) {
            case .response(let echo): isSame = echo == .prepareWriteResponse(piece, offset: offset)
            case .refused(let refused): refusal = refused
            }
            start += piece.bytes.count
        }
        if !isSame { log("a long write came back changed, and is taken back") }
        let end = try await client.request(.executeWriteRequest(refusal == nil && isSame))
        if case .refused(let refused) = end, refusal == nil { refusal = refused }
        return refusal
    }
}
