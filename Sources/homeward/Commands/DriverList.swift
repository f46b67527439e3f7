import Delivery
import DriverKit
import Vitals

/// The manifests, for people and for programs.
enum DriverList {
    /// One list, with an object on each line.
    static func json(_ manifests: [Manifest]) -> [UInt8] {
        Array("[\n".utf8) + manifests.map(json).joined(separator: Array(",\n".utf8)) + Array("\n]".utf8)
    }

    private static func json(_ manifest: Manifest) -> [UInt8] {
        JSONText.object { json in
            json.member("id", manifest.id)
            json.member("family", manifest.family)
            json.member("vendor", manifest.vendor)
            json.array("models", manifest.models)
            if let serial = manifest.serial { json.object("serial") { write(serial, &$0) } }
            json.array("usb", manifest.usb.map(text))
            if let bluetooth = manifest.bluetooth { json.object("bluetooth") { write(bluetooth, &$0) } }
            json.array("metrics", manifest.metrics.map(\.rawValue))
            json.array("formats", manifest.formats)
            json.member("canFetchStored", manifest.canFetchStored)
            json.member("canSetClock", manifest.canSetClock)
            json.member("evidence", manifest.evidence.rawValue)
            json.array("sources", manifest.sources)
            json.member("isVerifiedOnHardware", manifest.verifiedOnHardware != nil)
        }
    }

    static func text(_ manifest: Manifest, _ console: Console) -> [String] {
        var lines = ["\(console.styled(manifest.id, .bold))  \(manifest.vendor)"]
        lines += wrapped("models", manifest.models.joined(separator: ", "))
        if let serial = manifest.serial {
            let usb = manifest.usb.isEmpty ? "" : ", USB \(manifest.usb.map(text).joined(separator: ", "))"
            lines += wrapped("serial", "\(text(serial))\(usb)")
        }
        if let bluetooth = manifest.bluetooth {
            lines += wrapped("bluetooth", text(bluetooth))
            lines += wrapped("pairing", text(bluetooth.pairing))
        }
        lines += wrapped("measures", manifest.metrics.map(\.rawValue).joined(separator: ", "))
        if !manifest.formats.isEmpty { lines += wrapped("formats", manifest.formats.joined(separator: ", ")) }
        var abilities: [String] = []
        if manifest.canFetchStored { abilities.append("fetches stored measurements") }
        if manifest.canSetClock { abilities.append("sets the clock") }
        if !abilities.isEmpty { lines += wrapped("also", abilities.joined(separator: ", ")) }
        lines += wrapped("evidence", manifest.evidence.words)
        lines += wrapped(
            "hardware", manifest.verifiedOnHardware ?? "never verified on a real device by this project")
        return lines + [""]
    }

    private static func write(_ serial: SerialSettings, _ json: inout JSONText) {
        json.member("baud", serial.baud)
        json.member("dataBits", serial.dataBits)
        json.member("parity", serial.parity.rawValue)
        json.member("stopBits", serial.stopBits)
        json.member("flowControl", serial.flowControl.rawValue)
    }

    private static func write(_ bluetooth: BluetoothProfile, _ json: inout JSONText) {
        json.array("namePrefixes", bluetooth.namePrefixes)
        json.array("services", bluetooth.recognitionServices.map(\.description))
        json.member("pairing", bluetooth.pairing.rawValue)
        json.member("mtuMin", bluetooth.mtuMin)
        json.member("pace", bluetooth.pace.rawValue)
    }

    /// How a scan recognises the device.
    private static func text(_ bluetooth: BluetoothProfile) -> String {
        let names = bluetooth.namePrefixes.map { "'\($0)'" }
        let alone = bluetooth.recognition.filter(\.namePrefixes.isEmpty).flatMap(\.services)
        let beside = bluetooth.recognitionServices.filter { !alone.contains($0) }
        return [
            ("name beginning with", names), ("more surely with service", beside.map(\.description)),
            ("service", alone.map(\.description)),
        ].compactMap { words, list in list.isEmpty ? nil : "\(words) \(list.joined(separator: ", "))" }
            .joined(separator: "; ")
    }

    private static func text(_ pairing: BluetoothProfile.Pairing) -> String {
        switch pairing {
        case .none: "not needed; a bond is made if the device asks for one"
        case .bonded: "needed before it gives values"
        }
    }

    /// `115200 8N1`
    private static func text(_ serial: SerialSettings) -> String {
        let parity =
            switch serial.parity {
            case .none: "N"
            case .odd: "O"
            case .even: "E"
            }
        return "\(serial.baud) \(serial.dataBits)\(parity)\(serial.stopBits)"
    }

    private static func text(_ usb: USBIdentity) -> String {
        "\(hexadecimal(usb.vendor)):\(hexadecimal(usb.product))"
    }

    private static func hexadecimal(_ value: UInt16) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// A label and its text, broken at 80 columns.
    private static func wrapped(_ label: String, _ text: String) -> [String] {
        var lines: [String] = []
        var line = "  \(label)\(String(repeating: " ", count: max(1, 10 - label.count)))"
        let indent = line.count
        for word in text.split(separator: " ") {
            if line.count + word.count > 79, line.count > indent {
                lines.append(line)
                line = String(repeating: " ", count: indent)
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }
}

extension BluetoothProfile {
    /// Beginnings of names by which it is recognised, each once, in the driver's order.
    fileprivate var namePrefixes: [String] { Self.once(recognition.flatMap(\.namePrefixes)) }

    /// Advertised services by which it is recognised, each once.
    fileprivate var recognitionServices: [BluetoothUUID] { Self.once(recognition.flatMap(\.services)) }

    private static func once<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}
