import Testing

@testable import Linux

@Suite struct KernelFaults {
    @Test(arguments: [
        "Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld "
            + "2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-16)",
        "Linux version 6.1.191 (root@box) #1 SMP", "Linux version 6.1.192-v8+ (root@box) #1 SMP",
    ]) func `are told with another kernel to boot`(_ version: String) throws {
        let text = try #require(KernelFault.text(version: version))
        #expect(text.contains("boot another kernel"))
    }

    @Test(arguments: [
        "Linux version 6.1.0-54-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld "
            + "2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.190-1 (2026-09-20)",
        "Linux version 6.12.63 (root@box) #1 SMP", "Linux version 6.1.1920 (root@box) #1 SMP",
        "Linux version 5.6.1.192 (root@box) #1 SMP", "",
    ]) func `are not told of other kernels`(_ version: String) {
        #expect(KernelFault.text(version: version) == nil)
    }
}
