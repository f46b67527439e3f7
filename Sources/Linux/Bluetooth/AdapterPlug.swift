import CLinux
import Glibc

/// The USB plug of an adapter, as far as software can pull it.
///
/// First a reset of its port, which needs leave to write to its node below `/dev/bus/usb`; then, where that was
/// refused, taking its authorization away and giving it back, which only root may.
struct AdapterPlug {
    private let index: UInt16
    private let switches: RadioSwitches

    init(_ index: UInt16, _ switches: RadioSwitches) {
        self.index = index
        self.switches = switches
    }

    /// `false`: not on USB, or refused.
    func reset() -> Bool {
        guard let device = usbDevice else { return false }
        return resetPort(device) || reauthorize(device)
    }

    /// The folder of the USB device that the adapter is a function of, from its root.
    var usbDevice: String? {
        var device = "/sys/class/bluetooth/hci\(index)/device"
        // An adapter is a function of the device; a function knows no vendor.
        for _ in 0 ..< 3 {
            if switches.text("\(device)/idVendor") != nil, node(of: device) != nil { return device }
            device += "/.."
        }
        return nil
    }

    /// `/dev/bus/usb/001/004`
    private func node(of device: String) -> String? {
        guard let bus = switches.text("\(device)/busnum").flatMap({ UInt16($0) }),
            let number = switches.text("\(device)/devnum").flatMap({ UInt16($0) })
        else { return nil }
        return "/dev/bus/usb/\(padded(bus))/\(padded(number))"
    }

    private func padded(_ number: UInt16) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    private func resetPort(_ device: String) -> Bool {
        guard let node = node(of: device) else { return false }
        return unsafe clinux_usb_reset(switches.root + node) == 0
    }

    private func reauthorize(_ device: String) -> Bool { set(device, "0") && set(device, "1") }

    private func set(_ device: String, _ value: String) -> Bool {
        let path = "\(switches.root)\(device)/authorized"
        do throws(SystemError) {
            try FileDescriptor.open(path, O_WRONLY).writeAll(Array(value.utf8), subject: path)
            return true
        } catch {
            return false
        }
    }
}
