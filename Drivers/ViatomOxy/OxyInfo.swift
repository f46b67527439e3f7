import DriverKit
import Vitals

/// What the device says of itself on request 14: a flat JSON object, all values strings, padded with NUL.
struct OxyInfo: Sendable {
    private(set) var information = DeviceInformation()
    private(set) var batteryPercent: Int?
    private(set) var clock: CivilTime?
    /// Names of the stored nights, oldest first; `nil`: nothing was said about them.
    private(set) var files: [String]?

    static let membersMax = 64
    static let textBytesMax = 64
    /// The devices keep four to ten nights.
    static let filesMax = 64

    init(_ payload: ArraySlice<UInt8>) {
        var scanner = FlatJSONScanner(rest: payload)
        for _ in 0 ..< Self.membersMax {
            guard let (name, value) = scanner.next() else { return }
            take(name, value)
        }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "Model": information.model = Self.short(value)
        case "SN": information.serialNumber = Self.short(value)
        case "SoftwareVer": information.firmware = Self.short(value)
        case "CurBAT":
            let digits = value.prefix { $0.isNumber }
            batteryPercent = Int(digits).flatMap { (0 ... 100).contains($0) ? $0 : nil }
        case "CurTIME": clock = Self.time(value)
        case "FileList": files = Self.names(value)
        default: break
        }
    }

    private static func short(_ text: String) -> String? { text.isEmpty ? nil : String(text.prefix(textBytesMax)) }

    /// `2024-01-02,03:04:05`
    private static func time(_ text: String) -> CivilTime? {
        CivilTime(String(text.map { $0 == "," || $0 == " " ? "T" : $0 }))
    }

    /// `20200101235959,20200102…`, a comma at the end or not. Names are times, so their order is the order of time.
    private static func names(_ text: String) -> [String] {
        let names = text.split(separator: ",").map(String.init)
            .filter { (1 ... OxyDownload.nameBytesMax).contains($0.utf8.count) && $0.allSatisfy(isForName) }
        return Array(Set(names).sorted().prefix(filesMax))
    }

    private static func isForName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
    }
}

/// The members of a JSON object whose values are strings or bare words. Whatever else there is, is passed over.
struct FlatJSONScanner: Sendable {
    var rest: ArraySlice<UInt8>

    /// The next name and value; `nil` at the end, which a NUL is too.
    mutating func next() -> (String, String)? {
        var name: String?
        var hasColon = false
        while let byte = rest.first, byte != 0 {
            switch byte {
            case UInt8(ascii: ":"):
                rest.removeFirst()
                hasColon = name != nil
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"):
                rest.removeFirst()
                name = nil
                hasColon = false
            case 0x01 ... 0x20: rest.removeFirst()
            default:
                let text = byte == UInt8(ascii: "\"") ? quoted() : word()
                if hasColon, let name { return (name, text) }
                name = text
            }
        }
        return nil
    }

    private mutating func quoted() -> String {
        rest.removeFirst()
        var text = ""
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\""), byte != 0 {
            guard byte == UInt8(ascii: "\\") else {
                text.append(Self.character(byte))
                continue
            }
            if let escaped = rest.popFirst() { text.append(Self.character(escaped)) }
        }
        return text
    }

    private mutating func word() -> String {
        var text = ""
        while let byte = rest.first, byte > 0x20, !":,{}[]\"".utf8.contains(byte) {
            text.append(Self.character(byte))
            rest.removeFirst()
        }
        return text
    }

    private static func character(_ byte: UInt8) -> Character {
        (0x20 ..< 0x7F).contains(byte) ? Character(UnicodeScalar(byte)) : "?"
    }
}
