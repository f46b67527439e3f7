public import DriverKit

/// One attribute of a server. Its handle is its place, from 1.
public struct ATTAttribute {
    public var type: BluetoothUUID
    public var value: [UInt8]
    /// Gives the value instead, each time that it is read.
    public var current: (() throws(ATTErrorCode) -> [UInt8])?
    /// Why it may not be read; `nil`: it may.
    public var readRefusal: ATTErrorCode?
    /// Why it may not be written; `nil`: it may.
    public var writeRefusal: ATTErrorCode?
    /// Told of what is written, before it is kept. `isAnswered` is `false` for a write without response.
    public var onWrite: ((_ value: [UInt8], _ isAnswered: Bool) throws(ATTErrorCode) -> Void)?

    /// Read only, until it is changed.
    public init(_ type: BluetoothUUID, _ value: [UInt8] = []) {
        self.type = type
        self.value = value
        writeRefusal = .writeNotPermitted
    }
}

/// The serving end of a bearer: a few attributes, and the answers to requests for them
/// (Core Specification 5.4, Vol 3, Part F, 3.4).
public struct ATTServer {
    /// At place `n` the attribute with the handle `n + 1`.
    public var attributes: [ATTAttribute]
    private var prepared: [(value: ATTValue, offset: Int)] = []

    /// Pieces of long writes that are held.
    static let preparedMax = 32
    /// A value in a list is cut there: its length is one byte, and the handle is counted (3.4.4.2).
    private static let listedBytesMax = 253

    public init(_ attributes: [ATTAttribute]) { self.attributes = attributes }

    /// What is sent back, at most `mtu` bytes; `nil` for what is not answered: commands, and what is no request.
    public mutating func answer(to bytes: [UInt8], mtu: Int) -> [UInt8]? {
        guard let first = bytes.first, first & ATTOpcode.commandFlag == 0 else {
            if case .writeCommand(let value) = ATTPDU(bytes) { _ = try? write(value, isAnswered: false) }
            return nil
        }
        // An odd one that is not known may answer something: errors about answers would go on for ever.
        guard let opcode = ATTOpcode(rawValue: first) else {
            return first & 1 == 0 ? refusal(of: first, 0, .requestNotSupported).bytes : nil
        }
        guard opcode.response != nil else { return nil }
        guard let request = ATTPDU(bytes) else { return refusal(of: first, 0, .invalidPDU).bytes }
        do throws(Refusal) {
            return try reply(to: request, mtu: mtu).bytes
        } catch {
            return refusal(of: first, error.handle, error.code).bytes
        }
    }

    private struct Refusal: Error {
        var handle: UInt16
        var code: ATTErrorCode
    }

    private func refusal(of opcode: UInt8, _ handle: UInt16, _ code: ATTErrorCode) -> ATTPDU {
        .errorResponse(request: opcode, handle: handle, code)
    }

    private mutating func reply(to request: ATTPDU, mtu: Int) throws(Refusal) -> ATTPDU {
        switch request {
        case .exchangeMTURequest: .exchangeMTUResponse(UInt16(ATTPDU.mtuMax))
        case .findInformationRequest(let range): try information(range, mtu)
        case .findByTypeValueRequest(let range, let type, let value): try groups(range, type, value, mtu)
        case .readByTypeRequest(let range, let type): try values(range, type, mtu)
        case .readByGroupTypeRequest(let range, let type): try groups(range, type, mtu)
        case .readRequest(let handle): .readResponse(Array(try read(handle).prefix(mtu - 1)))
        case .readBlobRequest(let handle, let offset): .readBlobResponse(try blob(handle, Int(offset), mtu))
        case .writeRequest(let value): try write(value, isAnswered: true)
        case .prepareWriteRequest(let value, let offset): try prepare(value, Int(offset))
        case .executeWriteRequest(let isWritten): try execute(isWritten)
        default: throw Refusal(handle: 0, code: .requestNotSupported)
        }
    }

    // MARK: Finding

    private func handles(in range: ATTRange) throws(Refusal) -> Range<Int> {
        guard range.isValid else { throw Refusal(handle: range.first, code: .invalidHandle) }
        let last = min(Int(range.last), attributes.count)
        return Int(range.first) ..< max(last + 1, Int(range.first))
    }

    private func type(of handle: Int) -> BluetoothUUID { attributes[handle - 1].type }

    private func information(_ range: ATTRange, _ mtu: Int) throws(Refusal) -> ATTPDU {
        let handles = try handles(in: range)
        guard let first = handles.first else { throw Refusal(handle: range.first, code: .attributeNotFound) }
        let isShort = type(of: first).short != nil
        let room = (mtu - 2) / (isShort ? 4 : 18)
        let alike = handles.prefix { (type(of: $0).short != nil) == isShort }.prefix(room)
        return .findInformationResponse(alike.map { ATTInformation(UInt16($0), type(of: $0)) })
    }

    private func groups(
        _ range: ATTRange, _ type: UInt16, _ value: [UInt8], _ mtu: Int
    ) throws(Refusal) -> ATTPDU {
        let found = try handles(in: range).filter {
            self.type(of: $0) == BluetoothUUID(type) && attributes[$0 - 1].value == value
        }
        guard !found.isEmpty else { throw Refusal(handle: range.first, code: .attributeNotFound) }
        let ranges = found.prefix((mtu - 1) / 4).map { ATTRange(UInt16($0), UInt16(endOfGroup(at: $0))) }
        return .findByTypeValueResponse(ranges)
    }

    private func groups(_ range: ATTRange, _ type: BluetoothUUID, _ mtu: Int) throws(Refusal) -> ATTPDU {
        let handles = try handles(in: range)
        guard type == GATTType.primaryService || type == GATTType.secondaryService else {
            throw Refusal(handle: range.first, code: .unsupportedGroupType)
        }
        let found = handles.filter { self.type(of: $0) == type }
        guard let first = found.first else { throw Refusal(handle: range.first, code: .attributeNotFound) }
        let length = attributes[first - 1].value.count
        let alike = found.prefix { attributes[$0 - 1].value.count == length }.prefix((mtu - 2) / (length + 4))
        return .readByGroupTypeResponse(
            alike.map {
                ATTGroup(ATTRange(UInt16($0), UInt16(endOfGroup(at: $0))), attributes[$0 - 1].value)
            })
    }

    private func endOfGroup(at handle: Int) -> Int {
        guard GATTType.services.contains(type(of: handle)) else { return handle }
        let next = (handle + 1 ..< attributes.count + 1).first { GATTType.services.contains(type(of: $0)) }
        return next.map { $0 - 1 } ?? attributes.count
    }

    // MARK: Reading

    private func read(_ handle: UInt16) throws(Refusal) -> [UInt8] {
        let attribute = try attribute(handle)
        if let code = attribute.readRefusal { throw Refusal(handle: handle, code: code) }
        guard let current = attribute.current else { return attribute.value }
        do throws(ATTErrorCode) { return try current() } catch { throw Refusal(handle: handle, code: error) }
    }

    private func blob(_ handle: UInt16, _ offset: Int, _ mtu: Int) throws(Refusal) -> [UInt8] {
        let value = try read(handle)
        guard offset <= value.count else { throw Refusal(handle: handle, code: .invalidOffset) }
        return Array(value.dropFirst(offset).prefix(mtu - 1))
    }

    /// As many as are of the same length; an attribute that may not be read ends the list, or is told when it is
    /// the first.
    private func values(_ range: ATTRange, _ type: BluetoothUUID, _ mtu: Int) throws(Refusal) -> ATTPDU {
        var found: [ATTValue] = []
        var room = mtu - 2
        for handle in try handles(in: range) where self.type(of: handle) == type {
            let value: [UInt8]
            do throws(Refusal) {
                value = Array(try read(UInt16(handle)).prefix(min(mtu - 4, Self.listedBytesMax)))
            } catch {
                if found.isEmpty { throw error }
                break
            }
            room -= value.count + 2
            guard room >= 0, found.first.map({ $0.bytes.count == value.count }) ?? true else { break }
            found.append(ATTValue(UInt16(handle), value))
        }
        guard !found.isEmpty else { throw Refusal(handle: range.first, code: .attributeNotFound) }
        return .readByTypeResponse(found)
    }

    // MARK: Writing

    private func attribute(_ handle: UInt16) throws(Refusal) -> ATTAttribute {
        guard handle >= 1, Int(handle) <= attributes.count else {
            throw Refusal(handle: handle, code: .invalidHandle)
        }
        return attributes[Int(handle) - 1]
    }

    private mutating func write(_ value: ATTValue, isAnswered: Bool) throws(Refusal) -> ATTPDU {
        let attribute = try attribute(value.handle)
        if let code = attribute.writeRefusal { throw Refusal(handle: value.handle, code: code) }
        guard value.bytes.count <= ATTPDU.valueBytesMax else {
            throw Refusal(handle: value.handle, code: .invalidAttributeValueLength)
        }
        do throws(ATTErrorCode) {
            try attribute.onWrite?(value.bytes, isAnswered)
        } catch {
            throw Refusal(handle: value.handle, code: error)
        }
        attributes[Int(value.handle) - 1].value = value.bytes
        return .writeResponse
    }

    private mutating func prepare(_ value: ATTValue, _ offset: Int) throws(Refusal) -> ATTPDU {
        if let code = try attribute(value.handle).writeRefusal { throw Refusal(handle: value.handle, code: code) }
        guard prepared.count < Self.preparedMax else {
            throw Refusal(handle: value.handle, code: .prepareQueueFull)
        }
        prepared.append((value, offset))
        return .prepareWriteResponse(value, offset: UInt16(truncatingIfNeeded: offset))
    }

    private mutating func execute(_ isWritten: Bool) throws(Refusal) -> ATTPDU {
        let pieces = prepared
        prepared = []
        guard isWritten else { return .executeWriteResponse }
        var whole: [ATTValue] = []
        for (piece, offset) in pieces {
            let place = whole.firstIndex { $0.handle == piece.handle } ?? whole.endIndex
            if place == whole.endIndex { whole.append(ATTValue(piece.handle, [])) }
            guard whole[place].bytes.count == offset else {
                throw Refusal(handle: piece.handle, code: .invalidOffset)
            }
            whole[place].bytes += piece.bytes
        }
        for value in whole { _ = try write(value, isAnswered: true) }
        return .executeWriteResponse
    }
}
