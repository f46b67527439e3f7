/// The udev rules that give homeward its serial ports, printed from the manifests.
///
/// Each bridge or device becomes readable and writable for the group `dialout`, and is left alone by ModemManager
/// and brltty, which otherwise talk to any serial port. Plugging it in starts the service. Below `/dev/homeward/`
/// it has the name of its serial number and, in `by-path/`, of the socket it is plugged into: many bridges share
/// one serial number.
public enum UdevRules {
    public static func text(for manifests: [Manifest]) -> String {
        var text = head
        for (identity, drivers) in byIdentity(manifests) { text += rules(identity, drivers) }
        return text + foot
    }

    private static let head = """
        # Serial ports of home medical devices, for homeward.
        # Printed from the manifests of the drivers: change those, not this file.

        ACTION=="remove", GOTO="homeward_end"

        # A Bluetooth adapter that is stuck is reset by the service.
        SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{bDeviceClass}=="e0", GROUP="homeward", MODE="0660"

        SUBSYSTEM!="tty", GOTO="homeward_end"
        KERNEL!="ttyUSB*|ttyACM*", GOTO="homeward_end"
        IMPORT{builtin}="usb_id"
        IMPORT{builtin}="path_id"

        """

    private static let foot = """

        LABEL="homeward_end"

        """

    private static func rules(_ cable: Cable, _ drivers: [Manifest]) -> String {
        let (vendor, product) = (hexadecimal(cable.vendor), hexadecimal(cable.product))
        let match = "ATTRS{idVendor}==\"\(vendor)\", ATTRS{idProduct}==\"\(product)\""
        var text = "\n"
        for manifest in drivers {
            text += "# \(manifest.id): \(manifest.vendor) \(manifest.models.joined(separator: ", "))\n"
        }
        if cable.isGenericBridge {
            text += "# The chip is in many cables: the rule names the cable, not the device behind it.\n"
        }
        text += "\(match), GROUP=\"dialout\", MODE=\"0660\", ENV{ID_MM_DEVICE_IGNORE}=\"1\", "
        text += "ENV{BRLTTY_BRAILLE_DRIVER}=\"\"\n"
        text += "\(match), TAG+=\"systemd\", ENV{SYSTEMD_WANTS}+=\"homeward.service\"\n"
        text += "\(match), ENV{ID_SERIAL_SHORT}==\"?*\", SYMLINK+=\"homeward/$env{ID_SERIAL_SHORT}\"\n"
        return text + "\(match), ENV{ID_PATH}==\"?*\", SYMLINK+=\"homeward/by-path/$env{ID_PATH}\"\n"
    }

    private struct Cable: Hashable {
        let vendor: UInt16
        let product: UInt16
        var isGenericBridge: Bool
    }

    /// Sorted by vendor and product; the drivers of each by name. Examples have no port.
    private static func byIdentity(_ manifests: [Manifest]) -> [(Cable, [Manifest])] {
        var drivers: [Cable: [Manifest]] = [:]
        for bridge in USBIdentity.commonBridges { drivers[cable(bridge)] = [] }
        for manifest in manifests where manifest.evidence != .example {
            // One rule, however many strings a driver tells devices by.
            for cable in Set(manifest.usb.map { cable($0) }) { drivers[cable, default: []].append(manifest) }
        }
        return drivers.map { ($0.key, $0.value.sorted { $0.id < $1.id }) }
            .sorted { ($0.0.vendor, $0.0.product) < ($1.0.vendor, $1.0.product) }
    }

    private static func cable(_ identity: USBIdentity) -> Cable {
        let isGeneric = USBIdentity.commonBridges.contains {
            ($0.vendor, $0.product) == (identity.vendor, identity.product)
        }
        return Cable(
            vendor: identity.vendor, product: identity.product,
            isGenericBridge: isGeneric || identity.isGenericBridge)
    }

    private static func hexadecimal(_ number: UInt16) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 4 - text.count) + text
    }
}
