import Bytes
import DriverKit
import Loop
import Vitals

/// Our end of an attribute bearer: asks, one request after the other, answers what the device asks, and keeps the
/// values that come meanwhile, in their order.
///
/// Whoever waits reads: a request until its answer has come, ``next(before:)`` until a value has. When two tasks of
/// the loop wait (a farewell is said while the device is listened to), one reads for both.
final class ATTClient {
    /// A value that the device sent by itself, or one that was read and is told like it.
    struct Value {
        var handle: UInt16
        var bytes: [UInt8]
        var at: Instant
        /// The device waits for ``ATTClient/confirm()``.
        var isIndication: Bool
    }

    /// A device that has not answered until then is not asked again on this bearer (Core 5.4, 3.F.3.3.3).
    static let answerMax: Duration = .seconds(30)
    /// Values that wait to be taken while requests are answered. A second of the busiest device is about 50.
    static let keptMax = 1024
    /// So much of a wrong PDU is shown.
    private static let shownBytesMax = 24

    private(set) var mtu = ATTPDU.mtuDefault
    /// The device said that its attributes are others now (Service Changed, or "database out of sync").
    var areServicesChanged = false
    /// Where Service Changed is indicated, once that is known.
    private var serviceChangedHandle: UInt16?

    private let link: any Link
    private var server: ATTServer
    private let loop: EventLoop
    let log: BoundedLog
    private let bell: Bell
    private var kept: [Value] = []
    private var keptFirst = 0
    private var asked: ATTOpcode?
    private var answer: ATTAnswer?
    private var isReading = false
    private var failure: LinkError?

    init(over link: any Link, server: ATTServer, on loop: EventLoop, log: BoundedLog) {
        self.link = link
        self.server = server
        self.loop = loop
        self.log = log
        bell = Bell(on: loop)
    }

    func close() {
        if failure == nil { failure = .closed }
        kept = []
        keptFirst = 0
        link.close()
        bell.ring()
    }

    // MARK: Asking

    /// Sends a request, when those before it are answered, and returns what came back.
    func request(_ request: ATTPDU) async throws(LinkError) -> ATTAnswer {
        while asked != nil { try await progress(before: .never) }
        if let failure { throw failure }
        let opcode = request.opcode
        asked = opcode
        defer {
            asked = nil
            answer = nil
            bell.ring()
        }
        try await transmit(request.bytes)
        let deadline = loop.now + Self.answerMax
        while true {
            if let answer { return answer }
            guard loop.now < deadline else {
                let what = request.handle.map { " of handle \(ATTText.handle($0))" } ?? ""
                throw fail(
                    .bluetooth(
                        .noAnswer, "\(opcode.name)\(what) not answered within \(Self.answerMax.components.0) s"))
            }
            try await progress(before: deadline)
        }
    }

    /// Asks for frames as long as they can be.
    func exchangeMTU() async throws(LinkError) {
        switch try await request(.exchangeMTURequest(UInt16(ATTPDU.mtuMax))) {
        case .response(.exchangeMTUResponse(let theirs)): agree(onMTU: theirs)
        case .response: break
        case .refused(let refusal):
            if refusal.code != .requestNotSupported { log("\(refusal)") }
        }
    }

    private func agree(onMTU theirs: UInt16) {
        mtu = max(ATTPDU.mtuDefault, min(ATTPDU.mtuMax, Int(theirs)))
    }

    /// Sends what is not answered.
    func command(_ command: ATTPDU) async throws(LinkError) {
        if let failure { throw failure }
        try await transmit(command.bytes)
    }

    /// Tells the device that its indication has been dealt with; only then it sends the next.
    func confirm() async throws(LinkError) { try await command(.confirmation) }

    // MARK: Values

    /// The next value, or `nil` at `deadline` or when the device's services have changed. What came before a
    /// lost link is given before the loss.
    func next(before deadline: Instant) async throws(LinkError) -> Value? {
        while true {
            if let value = takeFirst() { return value }
            if areServicesChanged { return nil }
            try await progress(before: deadline)
            if keptFirst == kept.count, loop.now >= deadline { return nil }
        }
    }

    /// From now on values of that handle mean that the services have changed; also those that came already.
    func watchServiceChanged(_ handle: UInt16?) async throws(LinkError) {
        serviceChangedHandle = handle
        let early = kept[keptFirst...].filter { $0.handle == handle }
        guard !early.isEmpty else { return }
        areServicesChanged = true
        kept = kept[keptFirst...].filter { $0.handle != handle }
        keptFirst = 0
        for value in early where value.isIndication { try await confirm() }
    }

    /// As if the device had sent it by itself, now.
    func keep(_ bytes: [UInt8], from handle: UInt16) throws(LinkError) {
        try keep(Value(handle: handle, bytes: bytes, at: loop.now, isIndication: false))
    }

    private func keep(_ value: Value) throws(LinkError) {
        guard kept.count - keptFirst < Self.keptMax else {
            throw .bluetooth(.protocolError, "more than \(Self.keptMax) values while a request was not answered")
        }
        if kept.count >= Self.keptMax {
            kept.removeFirst(keptFirst)
            keptFirst = 0
        }
        kept.append(value)
    }

    private func takeFirst() -> Value? {
        guard keptFirst < kept.count else { return nil }
        let value = kept[keptFirst]
        keptFirst += 1
        if keptFirst == kept.count {
            kept.removeAll(keepingCapacity: kept.capacity <= 64)
            keptFirst = 0
        } else {
            kept[keptFirst - 1].bytes = []
        }
        return value
    }

    // MARK: Reading

    /// Reads one PDU and deals with it, or waits until whoever reads has done so; at `deadline` at the latest.
    private func progress(before deadline: Instant) async throws(LinkError) {
        if let failure { throw failure }
        guard !isReading else {
            _ = await bell.wait(before: deadline)
            return
        }
        isReading = true
        defer {
            isReading = false
            bell.ring()
        }
        do throws(LinkError) {
            if let chunk = try await link.receive(before: deadline) { try await take(chunk) }
        } catch {
            throw fail(error)
        }
    }

    private func transmit(_ bytes: [UInt8]) async throws(LinkError) {
        do throws(LinkError) { try await link.send(bytes, to: .serial) } catch { throw fail(error) }
    }

    /// The first reason stays; with it everybody who waits ends.
    private func fail(_ error: LinkError) -> LinkError {
        if let failure { return failure }
        failure = error
        link.close()
        bell.ring()
        return error
    }

    private func take(_ chunk: consuming Chunk) async throws(LinkError) {
        let count = chunk.bytes.count
        guard count <= ATTPDU.mtuMax else {
            throw .bluetooth(.protocolError, "a PDU of \(count) bytes, \(ATTPDU.mtuMax) at most were agreed on")
        }
        guard let first = chunk.bytes.first else { return }
        switch ATTOpcode(rawValue: first) {
        case .notification: try await take(chunk, isIndication: false)
        case .indication: try await take(chunk, isIndication: true)
        case .multipleNotification: try takeSeveral(chunk)
        case .confirmation: break
        case let opcode? where opcode.isResponse: try take(answer: chunk.bytes, opcode)
        default:
            if case .exchangeMTURequest(let theirs) = ATTPDU(chunk.bytes) { agree(onMTU: theirs) }
            if let reply = server.answer(to: chunk.bytes, mtu: mtu) { try await transmit(reply) }
        }
    }

    private func take(_ chunk: consuming Chunk, isIndication: Bool) async throws(LinkError) {
        guard chunk.bytes.count >= 3 else { return log("cut PDU passed over: \(Hex.text(chunk.bytes))") }
        let handle = chunk.bytes.number(at: 1)
        if handle == serviceChangedHandle {
            areServicesChanged = true
            if isIndication { try await transmit(ATTPDU.confirmation.bytes) }
            return
        }
        let at = chunk.at
        // In place: what carries a heart's curve is not copied.
        chunk.bytes.removeFirst(3)
        try keep(Value(handle: handle, bytes: chunk.bytes, at: at, isIndication: isIndication))
    }

    private func takeSeveral(_ chunk: Chunk) throws(LinkError) {
        guard case .multipleNotification(let values) = ATTPDU(chunk.bytes) else {
            return log("wrong PDU passed over: \(Hex.text(chunk.bytes.prefix(Self.shownBytesMax)))")
        }
        for value in values {
            try keep(Value(handle: value.handle, bytes: value.bytes, at: chunk.at, isIndication: false))
        }
    }

    private func take(answer bytes: [UInt8], _ opcode: ATTOpcode) throws(LinkError) {
        guard let asked, answer == nil else { return log("answer to nothing passed over: \(opcode.name)") }
        let pdu = ATTPDU(bytes)
        switch pdu {
        case .errorResponse(let request, let handle, let code)?:
            // Some devices refuse commands and confirmations too.
            guard request == asked.rawValue else {
                return log("refusal of what was not asked passed over: \(ATTText.byte(request)), \(code)")
            }
            if code == .databaseOutOfSync { areServicesChanged = true }
            answer = .refused(ATTRefusal(asked, handle, code))
        case let response? where opcode == asked.response: answer = .response(response)
        default:
            let shown = Hex.text(bytes.prefix(Self.shownBytesMax))
            throw .bluetooth(.protocolError, "\(asked.name) was answered with \(shown)")
        }
    }
}
