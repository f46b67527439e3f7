import CUdev
public import DriverKit
import Glibc
public import Loop
public import Vitals

/// The serial ports of this box on USB, by libudev: those that are there, then each that comes and goes.
///
/// A port is told once udev has finished with it: its group, its mode and its links below `/dev` are in place.
///
/// When the kernel had to drop events because the loop was late, what is there is compared with what was told.
public final class UdevPorts: PortMonitor {
    private let source: UdevSource
    private let readiness: Readiness
    private var upcoming: [PortEvent] = []
    /// By path, when udev was done with it: another time is another plugging, whose removal nobody told.
    private var known: [String: String] = [:]
    /// Events were dropped; what is there must be asked once those that remain have been heard.
    private var hasMissed = false

    /// Events taken at once, so that a storm of them does not hold up the devices.
    private static let batchMax = 64

    /// Begins to listen, then asks what is there, so that nothing falls between the two.
    public init(on loop: EventLoop) throws(SystemError) {
        source = try UdevSource(subsystem: "tty")
        do throws(WatchError) {
            readiness = try Readiness(of: source.descriptor, on: loop)
        } catch {
            throw SystemError(call: "epoll_ctl", errno: error.errno, subject: "udev")
        }
        source.enumerate { appear($0) }
    }

    deinit { readiness.end() }

    public func next(before deadline: Instant) async -> PortEvent? {
        while true {
            if !upcoming.isEmpty { return upcoming.removeFirst() }
            let outcome = await readiness.wait(for: .readable, before: deadline)
            take()
            if outcome == .deadline, upcoming.isEmpty { return nil }
        }
    }

    private func take() {
        for _ in 0 ..< Self.batchMax {
            switch source.receive({ hear($0) }) {
            case .device: continue
            case .overflow: hasMissed = true
            case .nothing:
                if hasMissed { compare() }
                return
            }
        }
    }

    /// What has gone unheard, and what has come.
    private func compare() {
        hasMissed = false
        var present: Set<String> = []
        source.enumerate { device in
            if let path = device.path { present.insert(path) }
            appear(device)
        }
        for path in known.keys.sorted() where !present.contains(path) {
            known[path] = nil
            upcoming.append(.disappeared(path: path))
        }
    }

    public func resolve(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private func hear(_ device: borrowing UdevDevice) {
        switch device.action {
        case "remove": disappear(device)
        case "add", "change", "move", "bind": appear(device)
        default: break
        }
    }

    private func appear(_ device: borrowing UdevDevice) {
        guard let path = device.path, let usb = device.usb else { return }
        let time = device.finishedAt ?? ""
        let before = known.updateValue(time, forKey: path)
        guard before != time else { return }
        if before != nil { upcoming.append(.disappeared(path: path)) }
        upcoming.append(.appeared(PortIdentity(path: path, usb: usb, socket: device.socket)))
    }

    private func disappear(_ device: borrowing UdevDevice) {
        guard let path = device.path, known.removeValue(forKey: path) != nil else { return }
        upcoming.append(.disappeared(path: path))
    }
}

/// libudev's context and monitor for one subsystem.
@safe private final class UdevSource {
    private let context: OpaquePointer
    private let monitor: OpaquePointer
    private let subsystem: String

    /// The kernel keeps this many bytes of events for a loop that is late: thousands of them.
    private static let receiveBufferBytes: Int32 = 1 << 20

    init(subsystem: String) throws(SystemError) {
        guard let context = unsafe udev_new() else { throw .last("udev_new", "udev") }
        guard let monitor = unsafe udev_monitor_new_from_netlink(context, "udev") else {
            _ = unsafe udev_unref(context)
            throw .last("udev_monitor_new_from_netlink", "udev")
        }
        unsafe self.context = context
        unsafe self.monitor = monitor
        self.subsystem = subsystem
        // Without the right to force it, the ordinary size remains: enough for a home.
        _ = unsafe udev_monitor_set_receive_buffer_size(monitor, Self.receiveBufferBytes)
        guard unsafe udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, nil) >= 0,
            unsafe udev_monitor_enable_receiving(monitor) >= 0
        else { throw .last("udev_monitor_enable_receiving", "udev") }
    }

    deinit {
        _ = unsafe udev_monitor_unref(monitor)
        _ = unsafe udev_unref(context)
    }

    var descriptor: Int32 { unsafe udev_monitor_get_fd(monitor) }

    enum Received { case device, nothing, overflow }

    func receive(_ handle: (borrowing UdevDevice) -> Void) -> Received {
        errno = 0
        guard let device = unsafe udev_monitor_receive_device(monitor) else {
            return errno == ENOBUFS ? .overflow : .nothing
        }
        handle(unsafe UdevDevice(owning: device))
        return .device
    }

    /// What udev has finished with already; the rest is told by the monitor.
    func enumerate(_ handle: (borrowing UdevDevice) -> Void) {
        guard let list = unsafe udev_enumerate_new(context) else { return }
        defer { _ = unsafe udev_enumerate_unref(list) }
        _ = unsafe udev_enumerate_add_match_subsystem(list, subsystem)
        _ = unsafe udev_enumerate_add_match_is_initialized(list)
        _ = unsafe udev_enumerate_scan_devices(list)
        var entry = unsafe udev_enumerate_get_list_entry(list)
        while let current = unsafe entry {
            if let path = unsafe udev_list_entry_get_name(current),
                let device = unsafe udev_device_new_from_syspath(context, path)
            {
                handle(unsafe UdevDevice(owning: device))
            }
            unsafe entry = udev_list_entry_get_next(current)
        }
    }
}
