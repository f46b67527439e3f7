/// Why a broker did not accept the connection, and what to do about it.
public struct BrokerRefusal: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// Only a person can help: longer pauses.
        case credentials
        /// It helps to wait.
        case busy
        /// Only other settings help: longer pauses.
        case settings
    }

    /// The reason code of the CONNACK.
    public var code: UInt8
    public var kind: Kind
    public var text: String

    public var description: String { "\(text) (reason \(Self.hexadecimal(code)))" }

    /// MQTT 5 reason codes, section 3.2.2.2.
    public init(mqtt5 code: UInt8) {
        self.code = code
        (kind, text) =
            switch code {
            case 0x84:
                (.settings, "the broker does not speak MQTT 5: set the broker's protocol to 3.1.1")
            case 0x85: (.settings, "the broker refuses the client id: allow it there, or name another")
            case 0x86, 0x8C:
                (.credentials, "the broker refuses the user name or password: correct them in the settings")
            case 0x87:
                (
                    .credentials,
                    "the broker does not authorise this gateway: check user name and password, or its rules there"
                )
            case 0x8A: (.credentials, "the broker has banned this gateway: lift the ban there")
            case 0x88, 0x89: (.busy, "the broker is unavailable or busy")
            case 0x97, 0x9F: (.busy, "the broker says that a quota or rate is exceeded")
            case 0x90: (.settings, "the broker refuses the topic of the will: allow the gateway's root there")
            case 0x95: (.settings, "the broker finds the connection packet too large: raise its limit")
            case 0x9A, 0x9B: (.settings, "the broker lacks retained messages or QoS 1: use one that has them")
            case 0x9C, 0x9D: (.settings, "the broker says to use another server: name that one in the settings")
            default: (.busy, "the broker refuses the connection")
            }
    }

    /// MQTT 3.1.1 return codes, section 3.2.2.3.
    public init(mqtt311 code: UInt8) {
        switch code {
        case 1: self.init(mqtt5: 0x84)
        case 2: self.init(mqtt5: 0x85)
        case 3: self.init(mqtt5: 0x88)
        case 4: self.init(mqtt5: 0x86)
        case 5: self.init(mqtt5: 0x87)
        default: self.init(mqtt5: code)
        }
        if code == 1 { text = "the broker does not speak this version of MQTT: set another protocol" }
        self.code = code
    }

    static func hexadecimal(_ code: UInt8) -> String {
        let digits = String(code, radix: 16)
        return "0x" + (digits.count < 2 ? "0" : "") + digits
    }
}
