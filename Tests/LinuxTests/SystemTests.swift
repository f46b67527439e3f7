import CBlueZ
import CUdev
import Glibc
import Linux
import Loop
import Testing
import Vitals

@Suite("The box")
struct SystemTests {
    @Test("shows its two clocks at one moment")
    func clocks() throws {
        let clock = try SystemClock()
        let (before, wall, after) = (clock.now, clock.read(), clock.now)
        #expect(before <= wall.monotonic && wall.monotonic <= after)
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        #expect(abs(Int64(time.tv_sec) - wall.utcNanoseconds / 1_000_000_000) <= 1)
        if wall.trust == .unset { #expect(wall.uncertaintyMilliseconds == nil) }
    }

    @Test("has a name for the time since it was started")
    func bootID() throws {
        let id = try SystemClock().bootID
        #expect(id.utf8.count == 36)
        #expect(try SystemClock().bootID == id)
    }

    @Test("knows its zone, and reads a local time back to the same moment")
    func zone() throws {
        let clock = try SystemClock()
        for seconds: Int64 in [0, 951_782_400, 1_767_225_600, 1_774_746_000, 1_792_900_800] {
            let offset = clock.utcOffsetSeconds(atUTC: seconds)
            #expect(abs(offset) <= 14 * 3600)
            let local = try #require(CivilTime(secondsSince1970: seconds + offset))
            #expect(clock.utcSeconds(ofLocal: local) == seconds)
        }
    }

    @Test("tells how much of it this process takes")
    func usage() throws {
        let before = try ProcessUsage.read()
        #expect(before.residentBytes > 1 << 20)
        #expect(before.cpuSeconds > 0)
        #expect(before.openDescriptors >= 3)
    }

    @Test("gives a free port of its own")
    func port() throws { #expect(try freeLoopbackPort() > 1023) }

    @Test("has the libraries for hot-plugging and for Bluetooth")
    func libraries() {
        let udev = unsafe udev_new()
        #expect(unsafe udev != nil)
        _ = unsafe udev_unref(udev)
        #expect(MemoryLayout<sockaddr_l2>.size == 14)
    }

    @Test("says in words what failed")
    func errorText() {
        let error = SystemError(call: "open", errno: ENOENT, subject: "/dev/ttyUSB0")
        #expect(error.description == "open on /dev/ttyUSB0: No such file or directory (errno 2)")
    }
}

@Suite("A pseudo-terminal")
struct PseudoTerminalTests {
    @Test("keeps bytes while no reader is there, and says when it is full")
    func keepsBytes() throws {
        let line = try PseudoTerminal()
        #expect(try line.write([1, 2, 3]) == 3)
        #expect(line.comesToHold(3))
        var total = 3
        while let written = try line.write([UInt8](repeating: 4, count: 1000)), total < 1 << 20 { total += written }
        #expect(total >= 4000 && total < 1 << 20)
    }
}
