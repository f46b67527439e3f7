import DriverKit
import Linux
import Loop
import Testing
import Vitals

@Suite struct `Ports by udev` {
    /// What a box has plugged in differs; what is told of it must hold everywhere.
    @Test func `are told once each, with what is on USB behind them`() throws {
        let told = try onLoop { loop in
            let ports = try UdevPorts(on: loop)
            var told: [PortEvent] = []
            while let event = await ports.next(before: loop.now + .milliseconds(50)) { told.append(event) }
            return told
        }
        var paths: Set<String> = []
        for event in told {
            guard case .appeared(let port) = event else { continue }
            #expect(paths.insert(port.path).inserted)
            #expect(port.path.hasPrefix("/dev/"))
            #expect(port.usb != nil)
        }
    }

    @Test func `are no longer listened to when nobody wants to know`() throws {
        let (before, after) = try onLoop { loop in
            let before = try ProcessUsage.read().openDescriptors
            for _ in 0 ..< 50 {
                let ports = try UdevPorts(on: loop)
                _ = await ports.next(before: loop.now)
            }
            return (before, try ProcessUsage.read().openDescriptors)
        }
        // Other tests of this process open and close at the same time.
        #expect(after < before + 50)
    }

    @Test func `are found through links`() throws {
        let found = try onLoop { loop in
            let ports = try UdevPorts(on: loop)
            return [ports.resolve("/proc/self"), ports.resolve("/dev/null"), ports.resolve("/dev/not-there")]
        }
        #expect(found[0].hasPrefix("/proc/") && found[0] != "/proc/self")
        #expect(Array(found.dropFirst()) == ["/dev/null", "/dev/not-there"])
    }
}
