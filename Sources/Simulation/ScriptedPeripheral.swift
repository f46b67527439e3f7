public import Bluetooth
public import DriverKit
public import Loop
public import Vitals

/// A Bluetooth device as a test describes it: services with values, which are read, written and notified by the
/// rules, on the loop's time. It is the link to itself: what is sent to it are the PDUs of a client.
///
/// After it was closed, ``reconnect()`` makes it a link again.
public final class ScriptedPeripheral: Link {
    public struct Service {
        public var type: BluetoothUUID
        public var characteristics: [Characteristic]

        public init(_ type: BluetoothUUID, _ characteristics: [Characteristic]) {
            self.type = type
            self.characteristics = characteristics
        }
    }

    public struct Characteristic {
        public var type: BluetoothUUID
        public var properties: GATTProperties
        public var value: [UInt8]
        /// Reading, writing and subscribing are refused with that until it is paired.
        public var security: ATTErrorCode?
        /// Reading is refused with that.
        public var readRefusal: ATTErrorCode?
        /// Writing is refused with that.
        public var writeRefusal: ATTErrorCode?

        public init(
            _ type: BluetoothUUID, _ properties: GATTProperties, _ value: [UInt8] = [],
            security: ATTErrorCode? = nil, readRefusal: ATTErrorCode? = nil, writeRefusal: ATTErrorCode? = nil
        ) {
            self.type = type
            self.properties = properties
            self.value = value
            self.security = security
            self.readRefusal = readRefusal
            self.writeRefusal = writeRefusal
        }
    }

    private struct Place {
        var described: Characteristic
        var handle: UInt16
        var isNotified = false
        var isIndicated = false
    }

    /// So many PDUs are remembered for the test.
    public static let rememberedMax = 10_000

    private let loop: EventLoop
    private let bell: Bell
    private let mtuOffered: Int
    private var mtu = ATTPDU.mtuDefault
    private var server = ATTServer([])
    private var places: [Place] = []
    private var outgoing: [(at: Instant, bytes: [UInt8])] = []
    private var indications: [ATTValue] = []
    private var isIndicationOpen = false
    /// What is told to the test when the server is done with a PDU, before it is answered.
    private var happened: [() -> Void] = []
    private var isClosed = false
    private var isGone = false

    /// Each PDU of the client waits so long for its answer.
    public var answersAfter: Duration
    public var isPaired = false { didSet { protect() } }
    /// Requests that are never answered.
    public var unanswered: Set<ATTOpcode> = []
    /// What is said to a PDU instead of the answer by the rules; `nil`: the rules.
    public var interfere: (([UInt8]) -> [[UInt8]]?)?
    /// A value was written.
    public var onWrite: ((BluetoothUUID, [UInt8]) -> Void)?
    /// Notifications or indications were switched on or off. What is notified here comes before the answer.
    public var onSubscription: ((BluetoothUUID, Bool) -> Void)?
    /// Everything that came, with its time.
    public private(set) var received: [(pdu: ATTPDU, at: Instant)] = []
    public private(set) var confirmations: [Instant] = []

    /// - Parameters:
    ///   - databaseHash: 16 bytes; `nil`: it has none.
    ///   - hasServiceChanged: it can tell of other services.
    public init(
        on loop: EventLoop, services: [Service], name: String = "Scripted", mtu: Int = 247,
        answersAfter: Duration = .zero, databaseHash: [UInt8]? = nil, hasServiceChanged: Bool = false
    ) {
        self.loop = loop
        bell = Bell(on: loop)
        mtuOffered = mtu
        self.answersAfter = answersAfter
        var own = [Service(GATTType.genericAccess, [Characteristic(GATTType.deviceName, .read, Array(name.utf8))])]
        var attribute = Service(GATTType.genericAttribute, [])
        if hasServiceChanged {
            attribute.characteristics.append(Characteristic(GATTType.serviceChanged, .indicate))
        }
        if let databaseHash {
            attribute.characteristics.append(Characteristic(GATTType.databaseHash, .read, databaseHash))
        }
        own.append(attribute)
        describe(own + services)
    }

    /// From now on it has these services, and no others.
    public func describe(_ services: [Service]) {
        server = ATTServer([])
        places = []
        for service in services {
            server.attributes.addService(service.type)
            for characteristic in service.characteristics { add(characteristic) }
        }
        protect()
    }

    private func add(_ described: Characteristic) {
        var attribute = ATTAttribute(described.type, described.value)
        attribute.onWrite = { [weak self] value, _ in
            self?.happened.append { self?.onWrite?(described.type, value) }
        }
        let handle = server.attributes.addCharacteristic(described.properties, attribute)
        places.append(Place(described: described, handle: handle))
        guard !described.properties.isDisjoint(with: [.notify, .indicate]) else { return }
        let check = server.attributes[Int(handle)].onWrite
        let place = places.count - 1
        server.attributes[Int(handle)].onWrite = { [weak self] value, isAnswered throws(ATTErrorCode) in
            try check?(value, isAnswered)
            self?.subscribe(place, value)
        }
    }

    private func subscribe(_ place: Int, _ value: [UInt8]) {
        places[place].isNotified = value.first == 1
        places[place].isIndicated = value.first == 2
        let type = places[place].described.type
        happened.append { [weak self] in self?.onSubscription?(type, value.first != 0) }
    }

    /// Sets what may be read and written.
    private func protect() {
        for place in places {
            let described = place.described
            let missing = isPaired ? nil : described.security
            let index = Int(place.handle) - 1
            let isReadable = described.properties.contains(.read)
            let isWritable = !described.properties.isDisjoint(with: [.write, .writeWithoutResponse])
            server.attributes[index].readRefusal =
                isReadable ? missing ?? described.readRefusal : .readNotPermitted
            server.attributes[index].writeRefusal =
                isWritable ? missing ?? described.writeRefusal : .writeNotPermitted
            if !described.properties.isDisjoint(with: [.notify, .indicate]) {
                server.attributes[index + 1].writeRefusal = missing
            }
        }
    }

    // MARK: What the device does

    /// The value as it is read from now on.
    public func set(_ type: BluetoothUUID, to value: [UInt8]) {
        guard let place = places.first(where: { $0.described.type == type }) else { return }
        server.attributes[Int(place.handle) - 1].value = value
    }

    /// As a notification, or as an indication, which waits until the one before is confirmed.
    ///
    /// - Returns: whether anybody is subscribed.
    @discardableResult
    public func notify(_ type: BluetoothUUID, _ value: [UInt8], after pause: Duration = .zero) -> Bool {
        guard let place = places.first(where: { $0.described.type == type && ($0.isNotified || $0.isIndicated) })
        else { return false }
        let cut = ATTValue(place.handle, Array(value.prefix(mtu - 3)))
        if place.isNotified {
            say(ATTPDU.notification(cut).bytes, after: pause)
        } else {
            indications.append(cut)
            indicateNext(after: pause)
        }
        return true
    }

    private func indicateNext(after pause: Duration = .zero) {
        guard !isIndicationOpen, !indications.isEmpty else { return }
        isIndicationOpen = true
        say(ATTPDU.indication(indications.removeFirst()).bytes, after: pause)
    }

    /// These bytes, whatever they are. Also how it asks the client something.
    public func say(_ bytes: [UInt8], after pause: Duration = .zero) {
        let at = loop.now + pause
        let index = outgoing.firstIndex { $0.at > at } ?? outgoing.endIndex
        outgoing.insert((at, bytes), at: index)
        bell.ring()
    }

    public func handle(of type: BluetoothUUID) -> UInt16? {
        places.first { $0.described.type == type }?.handle
    }

    /// It goes out of reach.
    public func leave() {
        isGone = true
        bell.ring()
    }

    /// A new connection: nothing agreed on, nothing on its way; subscriptions stay with a bond only.
    public func reconnect() {
        isClosed = false
        isGone = false
        mtu = ATTPDU.mtuDefault
        outgoing = []
        indications = []
        isIndicationOpen = false
        received = []
        confirmations = []
        guard !isPaired else { return }
        for place in places.indices {
            places[place].isNotified = false
            places[place].isIndicated = false
        }
    }

    // MARK: Link

    public func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            if isClosed { throw .closed }
            if let first = outgoing.first, first.at <= loop.now {
                outgoing.removeFirst()
                return Chunk(first.bytes, at: loop.now)
            }
            if isGone { throw .bluetooth(.linkLost, "it went away") }
            if deadline <= loop.now { return nil }
            _ = await bell.wait(before: min(deadline, outgoing.first?.at ?? .never))
        }
    }

    public func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        if isClosed { throw .closed }
        if isGone { throw .bluetooth(.linkLost, "it went away") }
        let pdu = ATTPDU(bytes)
        if let pdu, received.count < Self.rememberedMax { received.append((pdu, loop.now)) }
        if let said = interfere?(bytes) {
            for answer in said { say(answer, after: answersAfter) }
            return
        }
        if let pdu, unanswered.contains(pdu.opcode) { return }
        switch pdu {
        case .confirmation?:
            confirmations.append(loop.now)
            isIndicationOpen = false
            indicateNext()
        case .exchangeMTURequest(let theirs)?:
            say(ATTPDU.exchangeMTUResponse(UInt16(mtuOffered)).bytes, after: answersAfter)
            mtu = max(ATTPDU.mtuDefault, min(mtuOffered, Int(theirs)))
        default:
            let answer = server.answer(to: bytes, mtu: mtu)
            for tell in happened { tell() }
            happened = []
            if let answer { say(answer, after: answersAfter) }
        }
    }

    public func close() {
        isClosed = true
        bell.ring()
    }
}
