import Glibc

/// What this process takes of the box.
public struct ProcessUsage: Hashable, Sendable {
    /// Memory really held.
    public var residentBytes: Int
    /// Since the process began, in user and kernel mode.
    public var cpuSeconds: Double
    public var openDescriptors: Int

    public static func read() throws(SystemError) -> ProcessUsage {
        let fields = try File.readText("/proc/self/statm", bytesMax: 256).split(separator: " ")
        let pages = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { throw .last("getrusage", "this process") }
        // One of the names is the folder that is being read.
        let descriptors = try File.names(in: "/proc/self/fd").count - 1
        return ProcessUsage(
            residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), openDescriptors: descriptors)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
}
