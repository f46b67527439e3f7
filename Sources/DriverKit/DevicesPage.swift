import Vitals

/// The page of supported devices, printed from the manifests.
public enum DevicesPage {
    /// Examples are left out: no such device exists.
    public static func text(for manifests: [Manifest]) -> String {
        let real = manifests.filter { $0.evidence != .example }.sorted { $0.id < $1.id }
        let verified = real.count { $0.verifiedOnHardware != nil }
        var text = head(verified: verified, of: real.count)
        for manifest in real {
            text +=
                "| [`\(manifest.id)`](#\(manifest.id)) | \(cell(manifest.vendor)) | \(ways(manifest)) | "
                + "\(manifest.evidence.rawValue) |\n"
        }
        for manifest in real { text += section(manifest) }
        return text
    }

    private static func head(verified: Int, of count: Int) -> String {
        let hardware =
            verified == 0
            ? "**None has ever been verified on a real device by this project.**"
            : "\(verified) of \(count) have been verified on a real device by this project."
        return """
            # Supported devices

            Printed from the manifests of the drivers by `homeward drivers --markdown`: change those, not this page.

            \(hardware) Not every model of a family sends every measurement. Each
            folder under [Drivers](../Drivers) has a README with quirks and sources.

            How well a protocol is known:

            | grade | meaning |
            | --- | --- |
            \(Manifest.Evidence.allCases.filter { $0 != .example }.map {
                "| `\($0.rawValue)` | \($0.words) |"
            }.joined(separator: "\n"))

            A USB identity marked *bridge* is that of a chip in many cables: it names the cable, not the device.

            | driver | vendor | by | how well it is known |
            | --- | --- | --- | --- |

            """
    }

    private static func ways(_ manifest: Manifest) -> String {
        [(manifest.serial != nil, "serial port"), (manifest.bluetooth != nil, "Bluetooth LE")]
            .compactMap { $0.0 ? $0.1 : nil }.joined(separator: ", ")
    }

    private static func section(_ manifest: Manifest) -> String {
        var rows: [(String, String)] = [("models", manifest.models.joined(separator: ", "))]
        if let serial = manifest.serial { rows.append(("serial line", words(serial))) }
        if !manifest.usb.isEmpty { rows.append(("USB", manifest.usb.map(words).joined(separator: ", "))) }
        if let bluetooth = manifest.bluetooth { rows += self.rows(bluetooth) }
        rows.append(("measures", manifest.metrics.map(\.rawValue).joined(separator: ", ")))
        if !manifest.formats.isEmpty { rows.append(("data formats", manifest.formats.joined(separator: ", "))) }
        rows.append(("stored measurements", manifest.canFetchStored ? "fetched" : "not fetched"))
        rows.append(("its clock", manifest.canSetClock ? "set from the box's" : "left as it is"))
        rows.append(("how well it is known", manifest.evidence.words))
        rows.append(("verified on hardware", manifest.verifiedOnHardware ?? "no"))
        let readme = "[Drivers/\(manifest.family)](../Drivers/\(manifest.family)/README.md)"
        rows.append(("quirks and sources", readme))
        return "\n## \(manifest.id)\n\n| \(cell(manifest.vendor)) | |\n| --- | --- |\n"
            + rows.map { "| \($0.0) | \($0.0.hasPrefix("quirks") ? $0.1 : cell($0.1)) |\n" }.joined()
    }

    private static func rows(_ bluetooth: BluetoothProfile) -> [(String, String)] {
        var ways: [String] = []
        for recognition in bluetooth.recognition {
            var parts: [String] = []
            let names = recognition.namePrefixes.map { "“\($0)”" }.joined(separator: ", ")
            if !names.isEmpty { parts.append("name beginning with \(names)") }
            let services = recognition.services.map(\.description).joined(separator: ", ")
            if !services.isEmpty { parts.append("service \(services)") }
            let excluded = recognition.excludedNamePrefixes.map { "“\($0)”" }.joined(separator: ", ")
            if !excluded.isEmpty { parts.append("not with a name beginning with \(excluded)") }
            let model = recognition.model.map { " (\($0))" } ?? ""
            let way = "\(parts.joined(separator: " and "))\(model)"
            if !ways.contains(way) { ways.append(way) }
        }
        let pairing =
            switch bluetooth.pairing {
            case .none: "no bond needed; one is made if the device asks for it"
            case .bonded: "a bond is needed before it gives values"
            }
        return [("Bluetooth, recognised by", ways.joined(separator: "; ")), ("Bluetooth, pairing", pairing)]
    }

    /// `115200 baud, 8 data bits, parity none, 1 stop bit`
    private static func words(_ serial: SerialSettings) -> String {
        let flow = serial.flowControl == .none ? "" : ", \(serial.flowControl.rawValue) flow control"
        return "\(serial.baud) baud, \(serial.dataBits) data bits, parity \(serial.parity.rawValue), "
            + "\(serial.stopBits) stop bit\(serial.stopBits == 1 ? "" : "s")\(flow)"
    }

    private static func words(_ usb: USBIdentity) -> String {
        let text = "\(hexadecimal(usb.vendor)):\(hexadecimal(usb.product))"
        return usb.isGenericBridge ? "\(text) (bridge)" : text
    }

    private static func hexadecimal(_ number: UInt16) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 4 - text.count) + text
    }

    /// What ends a cell of a table, or begins something else in it, is taken as it is written.
    private static func cell(_ text: String) -> String {
        var cell = ""
        for character in text {
            if "|*_<>[]`\\".contains(character) { cell.append("\\") }
            cell.append(character)
        }
        return cell
    }
}

extension Manifest.Evidence {
    /// For people.
    public var words: String {
        switch self {
        case .vendorDocumentAndCaptures: "the vendor's document, and recordings of real devices"
        case .vendorDocument: "the vendor's document, and independent implementations that agree"
        case .implementations: "independent implementations"
        case .example: "an example for authors of drivers"
        }
    }
}
