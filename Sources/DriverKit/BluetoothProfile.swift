/// How a driver speaks Bluetooth LE: how its devices are recognised, and which characteristics it uses.
public struct BluetoothProfile: Hashable, Sendable {
    /// The best of those that fit counts.
    public var recognition: [Recognition]
    /// In this order they are read and subscribed to after the connection; each is a ``Channel`` of the link.
    public var characteristics: [CharacteristicUse]
    public var pairing: Pairing
    /// What the device needs to send its frames whole; 23 is what every device has.
    public var mtuMin: Int
    /// How fast the connection has to be.
    public var pace: Pace

    public enum Pairing: String, Hashable, Sendable, CaseIterable {
        /// It talks to anybody; a bond is made only if it asks for one.
        case none
        /// It does not give its values without a bond.
        case bonded
    }

    public enum Pace: String, Hashable, Sendable, CaseIterable {
        /// A waveform: connection interval 15–30 ms, no latency.
        case stream
        /// Numbers now and then: 30–60 ms, a latency allowed.
        case relaxed
    }

    public init(
        recognition: [Recognition], characteristics: [CharacteristicUse], pairing: Pairing = .none,
        mtuMin: Int = 23, pace: Pace = .relaxed
    ) {
        self.recognition = recognition
        self.characteristics = characteristics
        self.pairing = pairing
        self.mtuMin = mtuMin
        self.pace = pace
    }

    /// One way of recognising a device: everything in it that is not empty must fit.
    public struct Recognition: Hashable, Sendable {
        /// Beginnings of the advertised name, in its case.
        public var namePrefixes: [String]
        /// Advertised services, one of which must be there.
        public var services: [BluetoothUUID]
        /// Beginnings of names whose devices use the services in another way: they never fit.
        public var excludedNamePrefixes: [String]
        /// What the technician is shown.
        public var model: String?

        public init(
            namePrefixes: [String] = [], services: [BluetoothUUID] = [], excludedNamePrefixes: [String] = [],
            model: String? = nil
        ) {
            self.namePrefixes = namePrefixes
            self.services = services
            self.excludedNamePrefixes = excludedNamePrefixes
            self.model = model
        }

        /// 0: does not fit; a name tells more than a service, which many share, and both tell most. A longer name
        /// tells more than a shorter one.
        public func score(name: String?, services seen: [BluetoothUUID]) -> Int {
            guard !excludedNamePrefixes.contains(where: (name ?? "").hasPrefix) else { return 0 }
            var score = 0
            if !namePrefixes.isEmpty {
                let longest = namePrefixes.filter { (name ?? "").hasPrefix($0) }.map(\.count).max()
                guard let longest else { return 0 }
                score += 100 + min(longest, 99)
            }
            if !services.isEmpty {
                guard services.contains(where: seen.contains) else { return 0 }
                score += 50
            }
            return score
        }
    }

    /// The best fit among the ways of recognising; `nil`: not this driver's.
    public func recognise(name: String?, services: [BluetoothUUID]) -> (score: Int, model: String?)? {
        let scored = recognition.map { (score: $0.score(name: name, services: services), model: $0.model) }
        guard let best = scored.max(by: { $0.score < $1.score }), best.score > 0 else { return nil }
        return best
    }
}

/// One characteristic that a driver uses, as a channel of its link.
public struct CharacteristicUse: Hashable, Sendable {
    /// The driver's name for it, in lower case with hyphens, as in captures: `heart-rate-measurement`.
    public var channel: Channel
    public var service: BluetoothUUID
    public var characteristic: BluetoothUUID
    public var access: Access
    /// Without it the device is not one of this driver's.
    public var isRequired: Bool
    /// One value of the device is one message, or a piece of a stream that is cut anywhere.
    public var framing: Framing
    /// Longer requests are written in pieces of this many bytes.
    public var writeBytesMax: Int?

    public struct Access: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Read once after the connection.
        public static let read = Access(rawValue: 1)
        /// Notifications or indications, whichever the device has, are switched on.
        public static let subscribe = Access(rawValue: 2)
        /// Requests are written and answered.
        public static let write = Access(rawValue: 4)
        /// Requests are written without an answer.
        public static let writeWithoutResponse = Access(rawValue: 8)
    }

    public enum Framing: Hashable, Sendable { case message, stream }

    public init(
        _ channel: Channel, service: BluetoothUUID, characteristic: BluetoothUUID, access: Access,
        isRequired: Bool = true, framing: Framing = .message, writeBytesMax: Int? = nil
    ) {
        self.channel = channel
        self.service = service
        self.characteristic = characteristic
        self.access = access
        self.isRequired = isRequired
        self.framing = framing
        self.writeBytesMax = writeBytesMax
    }
}

extension Manifest {
    /// Every pipe that a link to such a device can have: the serial line, and the characteristics.
    public var channels: [Channel] {
        (serial == nil && bluetooth != nil ? [] : [.serial]) + (bluetooth?.characteristics.map(\.channel) ?? [])
    }

    /// How bytes are cut on that pipe; a pipe that is not in the manifest is a serial line.
    public func framing(of channel: Channel) -> CharacteristicUse.Framing {
        bluetooth?.characteristics.first { $0.channel == channel }?.framing ?? .stream
    }
}
