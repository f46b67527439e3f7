import Bluetooth
import DriverKit
import Glibc
import Loop
import Testing
import Vitals

@testable import Linux

@Suite("The kernel's Bluetooth")
struct BluetoothTests {
    static let device = BluetoothAddress(bits: 0xC4B5_0011_2233, kind: .random)
    static let adapter = BluetoothAddress(bits: 0x0000_5E00_5301, kind: .publicAddress)

    static let hasBluetooth = { () -> Bool in
        let number = socket(31, Int32(SOCK_RAW.rawValue), 1)
        if number >= 0 { _ = close(number) }
        return number >= 0
    }()

    @Test("says that the kernel has none", .enabled(if: !hasBluetooth, "this kernel has Bluetooth"))
    func noBluetooth() throws {
        try onLoop { loop in
            let kernel = LinuxBluetooth(on: loop)
            do throws(LinkError) {
                _ = try kernel.openManagement()
                Issue.record("opened")
            } catch {
                guard case .bluetooth(.adapterMissing, let text) = error else { throw error }
                #expect(text.contains("module 'bluetooth' is not loaded"))
            }
            do throws(LinkError) {
                _ = try await kernel.openAttributes(
                    of: Self.device, from: Self.adapter, security: .none, before: loop.now + .seconds(1))
                Issue.record("opened")
            } catch {
                guard case .bluetooth(.adapterMissing, let text) = error else { throw error }
                #expect(text.contains("C4:B5:00:11:22:33"))
            }
        }
    }

    @Test("answers on its management channel", .enabled(if: hasBluetooth, "this kernel has no Bluetooth"))
    func readVersion() throws {
        try onLoop { loop in
            let link = try LinuxBluetooth(on: loop).openManagement()
            // Read Management Version Information, no adapter, no parameters.
            try await link.send([0x01, 0x00, 0xFF, 0xFF, 0x00, 0x00], to: link.channels[0])
            let answer = try await link.receive(before: loop.now + .seconds(2))
            #expect(answer?.bytes.prefix(9) == [0x01, 0x00, 0xFF, 0xFF, 0x06, 0x00, 0x01, 0x00, 0x00])
            link.close()
            await #expect(throws: LinkError.closed) { try await link.receive(before: .never) }
        }
    }

    // MARK: Numbers

    struct Meaning: Sendable {
        let errno: Int32
        let step: BluetoothFailure.Step
        var isEncrypted = false
        let problem: BluetoothProblem?
    }

    static let meanings = [
        Meaning(errno: EAFNOSUPPORT, step: .opening, problem: .adapterMissing),
        Meaning(errno: EPERM, step: .opening, problem: .notPermitted),
        Meaning(errno: EACCES, step: .opening, problem: .notPermitted),
        Meaning(errno: EINVAL, step: .opening, problem: nil),
        Meaning(errno: EHOSTUNREACH, step: .connecting, problem: .adapterMissing),
        Meaning(errno: ENODEV, step: .connecting, problem: .adapterMissing),
        Meaning(errno: ENETDOWN, step: .connecting, problem: .adapterMissing),
        Meaning(errno: ERFKILL, step: .connecting, problem: .radioBlocked),
        Meaning(errno: EHOSTDOWN, step: .connecting, problem: .notAdvertising),
        Meaning(errno: ETIMEDOUT, step: .connecting, problem: .notAdvertising),
        Meaning(errno: ECONNREFUSED, step: .connecting, problem: .noAnswer),
        Meaning(errno: ECONNREFUSED, step: .connecting, isEncrypted: true, problem: .bondForgottenByDevice),
        Meaning(errno: ECONNABORTED, step: .connecting, isEncrypted: true, problem: .bondForgottenByDevice),
        Meaning(errno: EACCES, step: .connecting, isEncrypted: true, problem: .bondForgottenByDevice),
        Meaning(errno: ECONNABORTED, step: .connecting, problem: .linkLost),
        Meaning(errno: ENOSYS, step: .connecting, problem: .linkLost),
        Meaning(errno: EBUSY, step: .connecting, problem: nil),
        Meaning(errno: EMLINK, step: .connecting, problem: nil),
        Meaning(errno: ETIMEDOUT, step: .connected, problem: .linkLost),
        Meaning(errno: ECONNRESET, step: .connected, problem: .linkLost),
        Meaning(errno: ENOTCONN, step: .connected, problem: .linkLost),
        Meaning(errno: ENOSYS, step: .connected, problem: .linkLost),
        Meaning(errno: EACCES, step: .connected, problem: .bondForgottenByDevice),
    ]

    @Test("translates each number of the kernel's into what to do", arguments: meanings)
    func numbers(_ meaning: Meaning) throws {
        let box = try Box()
        let error = BluetoothFailure.error(
            "connect", meaning.errno, "C4:B5:00:11:22:33", at: meaning.step, isEncrypted: meaning.isEncrypted,
            RadioSwitches(root: box.root))
        switch error {
        case .bluetooth(let problem, let text):
            #expect(problem == meaning.problem)
            #expect(text.contains("C4:B5:00:11:22:33") && text.contains("errno \(meaning.errno)"))
        case .system(_, let errno, _): #expect(meaning.problem == nil && errno == meaning.errno)
        default: Issue.record("\(error)")
        }
    }

    @Test("blames the switch or bluetoothd when one of them is in the way")
    func blame() throws {
        let box = try Box()
        try box.addSwitch(0, type: "bluetooth", name: "thinkpad_bluetooth", soft: "0", hard: "1")
        try box.write("sys/fs/cgroup/system.slice/bluetooth.service/cgroup.procs", "321\n")
        let switches = RadioSwitches(root: box.root)
        let cases: [(Int32, BluetoothProblem)] = [(EHOSTUNREACH, .radioBlocked), (EBUSY, .bluetoothdInTheWay)]
        for (errno, expected) in cases {
            guard
                case .bluetooth(expected, _) = BluetoothFailure.error(
                    "connect", errno, "", at: .connecting, switches)
            else {
                Issue.record("\(errno) is not \(expected)")
                continue
            }
        }
    }

    // MARK: Switches

    @Test("sees what keeps the radios off")
    func rfkill() throws {
        try onLoop { loop in
            let box = try Box()
            let kernel = LinuxBluetooth(on: loop, system: box.root)
            #expect(!kernel.isRadioBlocked)
            try box.addSwitch(0, type: "wlan", name: "phy0", soft: "1", hard: "1")
            #expect(!kernel.isRadioBlocked)
            try box.addSwitch(1, type: "bluetooth", name: "thinkpad_bluetooth", soft: "1", hard: "0")
            #expect(kernel.isRadioBlocked)
            try box.addSwitch(2, type: "bluetooth", name: "hci0", soft: "0", hard: "0")
            #expect(!kernel.isRadioBlocked)
            try box.addSwitch(2, type: "bluetooth", name: "hci0", soft: "1", hard: "0")
            #expect(kernel.isRadioBlocked)
            try box.addSwitch(3, type: "bluetooth", name: "hci1", soft: "0", hard: "0")
            #expect(!kernel.isRadioBlocked)
        }
    }

    @Test("sees bluetoothd among the processes, or by its unit")
    func bluetoothd() throws {
        try onLoop { loop in
            let box = try Box()
            let kernel = LinuxBluetooth(on: loop, system: box.root)
            try box.write("proc/17/comm", "bluetooth\n")
            try box.write("proc/self/comm", "bluetoothd\n")
            #expect(!kernel.isBluetoothdRunning)
            try box.write("proc/321/comm", "bluetoothd\n")
            #expect(kernel.isBluetoothdRunning)
            try box.write("proc/321/comm", "other\n")
            #expect(!kernel.isBluetoothdRunning)
            try box.write("sys/fs/cgroup/system.slice/bluetooth.service/cgroup.procs", "")
            #expect(!kernel.isBluetoothdRunning)
            try box.write("sys/fs/cgroup/system.slice/bluetooth.service/cgroup.procs", "321\n")
            #expect(kernel.isBluetoothdRunning)
        }
    }

    @Test(
        "knows whether this process may manage adapters",
        arguments: [
            ("CapEff:\t0000000000001000\n", true), ("CapEff:\t0000000000000fff\n", false),
            ("CapEff:\t000001ffffffffff\n", true), ("CapEff:\t0000000000000000\n", false), ("Name:\tx\n", true),
        ])
    func rights(_ status: String, _ mayManage: Bool) throws {
        let box = try Box()
        try box.write("proc/self/status", "Name:\thomeward\n" + status)
        #expect(RadioSwitches(root: box.root).mayManage == mayManage)
    }

    @Test("pulls the plug of an adapter on USB, and of no other")
    func usb() throws {
        try onLoop { loop in
            let box = try Box()
            let kernel = LinuxBluetooth(on: loop, system: box.root)
            #expect(!kernel.resetUSB(adapter: 0))
            try box.write("sys/devices/usb1/1-1/idVendor", "0a12\n")
            try box.write("sys/devices/usb1/1-1/busnum", "1\n")
            try box.write("sys/devices/usb1/1-1/devnum", "7\n")
            try box.write("sys/devices/usb1/1-1/authorized", "x")
            try box.write("sys/devices/usb1/1-1/1-1:1.0/bInterfaceClass", "e0\n")
            try box.write("sys/devices/serial/uart", "")
            try box.link("sys/class/bluetooth/hci0/device", to: "sys/devices/usb1/1-1/1-1:1.0")
            try box.link("sys/class/bluetooth/hci1/device", to: "sys/devices/serial")
            // The node is a plain file here, which knows no reset: so the second way is taken.
            try box.write("dev/bus/usb/001/007", "")
            #expect(kernel.resetUSB(adapter: 0))
            #expect(try File.readText(box.root + "/sys/devices/usb1/1-1/authorized") == "1")
            #expect(!kernel.resetUSB(adapter: 1))
        }
    }
}

/// A box's `/sys`, `/proc` and `/dev`, in a folder.
private struct Box {
    private let scratch: DirectoryScratch
    var root: String { scratch.path }

    init() throws { scratch = try DirectoryScratch() }

    func write(_ path: String, _ text: String) throws {
        try makeFolders(above: path)
        try File.write(text, to: scratch.file(path))
    }

    func link(_ path: String, to target: String) throws {
        try makeFolders(above: path)
        let result = unsafe symlink(scratch.file(target), scratch.file(path))
        try #require(result == 0)
    }

    func addSwitch(_ number: Int, type: String, name: String, soft: String, hard: String) throws {
        for (file, text) in [("type", type), ("name", name), ("soft", soft), ("hard", hard)] {
            try write("sys/class/rfkill/rfkill\(number)/\(file)", text + "\n")
        }
    }

    private func makeFolders(above path: String) throws {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            try File.makeFolder(root + folder)
        }
    }
}
