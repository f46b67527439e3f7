import CUdev
import DriverKit

/// A device as libudev knows it. Owned: freed at the end of its life.
@safe struct UdevDevice: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes the reference over.
    @unsafe init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { _ = unsafe udev_device_unref(pointer) }

    var action: String? { unsafe Self.text(udev_device_get_action(pointer)) }
    /// `/dev/ttyACM0`
    var path: String? { unsafe Self.text(udev_device_get_devnode(pointer)) }
    /// The socket that it is plugged into; without the rule that names it, `1-1.2:1.0` as the kernel does.
    var socket: String? {
        if let path = unsafe Self.text(udev_device_get_property_value(pointer, "ID_PATH")) { return path }
        guard
            let parent = unsafe udev_device_get_parent_with_subsystem_devtype(pointer, "usb", "usb_interface")
        else { return nil }
        return unsafe Self.text(udev_device_get_sysname(parent))
    }

    /// When udev was done with it, in its own words; the same until it is plugged in anew.
    var finishedAt: String? { unsafe Self.text(udev_device_get_property_value(pointer, "USEC_INITIALIZED")) }

    /// The USB device and interface above it; `nil`: it is not on USB.
    var usb: PortIdentity.USB? {
        guard let vendor = attribute("idVendor", of: "usb_device").flatMap({ UInt16($0, radix: 16) }),
            let product = attribute("idProduct", of: "usb_device").flatMap({ UInt16($0, radix: 16) })
        else { return nil }
        return PortIdentity.USB(
            vendor: vendor, product: product,
            interface: attribute("bInterfaceNumber", of: "usb_interface").flatMap { Int($0, radix: 16) },
            serialNumber: attribute("serial", of: "usb_device"),
            manufacturerName: attribute("manufacturer", of: "usb_device"),
            productName: attribute("product", of: "usb_device"))
    }

    /// The parent belongs to the device and is not freed.
    private func attribute(_ name: String, of kind: String) -> String? {
        guard let parent = unsafe udev_device_get_parent_with_subsystem_devtype(pointer, "usb", kind) else {
            return nil
        }
        return unsafe Self.text(udev_device_get_sysattr_value(parent, name))
    }

    /// Printable ASCII, because it comes from the device and goes into logs; `nil` when nothing is left.
    private static func text(_ bytes: UnsafePointer<CChar>?) -> String? {
        guard let bytes = unsafe bytes else { return nil }
        var text = ""
        for scalar in unsafe String(cString: bytes).unicodeScalars.prefix(textMax) {
            text.append((0x20 ..< 0x7F).contains(scalar.value) ? Character(scalar) : "?")
        }
        let trimmed = text.split(separator: " ").joined(separator: " ")
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Longer than any string descriptor of USB, which has at most 126 characters, and than any path below `/dev`.
    private static let textMax = 256
}
