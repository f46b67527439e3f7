import DriverKit

/// Which drivers may be behind a port, by what the port says of itself and what was there before.
struct PortChoice {
    /// The only one that names this very device.
    private(set) var certain: (any Driver.Type)?
    /// The likeliest first: remembered here, naming the cable, the others.
    private(set) var candidates: [any Driver.Type] = []
    /// Those that name the cable and may ask.
    private(set) var askers: [any Driver.Type] = []
    /// No driver names it, and it is no cable of the usual ones.
    let isStranger: Bool

    init(_ port: PluggedPort, among drivers: [any Driver.Type], remembered registry: Registry) {
        let usb = port.usb
        let plug = Plug(port.identity, usb)
        let here = Set(
            registry.devices.filter { device in
                guard let other = device.plug else { return false }
                return other.isLike(plug) && (plug.serialNumber != nil || other.socket == plug.socket)
            }.map(\.driver))
        let serial = drivers.filter { $0.manifest.serial != nil }
        let naming = serial.filter { $0.manifest.usb.contains { $0.matches(usb) } }
        let own = naming.filter { $0.manifest.usb.contains { !$0.isGenericBridge && $0.matches(usb) } }
        isStranger = naming.isEmpty && !USBIdentity.commonBridges.contains { $0.matches(usb) }
        if own.count == 1, let only = own.first, !port.refuted.contains(only.manifest.id) { certain = only }
        // A strange port may belong to anything: only where a port is no line at all is it listened to.
        guard !isStranger || port.identity.isWithoutLine else { return }
        let named = Set(naming.map { $0.manifest.id })
        let ranked = serial.enumerated().sorted { one, other in
            func rank(_ driver: any Driver.Type) -> Int {
                let id = driver.manifest.id
                return (here.contains(id) ? 0 : 2) + (named.contains(id) ? 0 : 1)
            }
            return (rank(one.element), one.offset) < (rank(other.element), other.offset)
        }.map(\.element)
        candidates = ranked.filter { !port.refuted.contains($0.manifest.id) }
        if candidates.isEmpty { candidates = ranked }
        askers = candidates.filter { named.contains($0.manifest.id) && $0.manifest.probe == .query }
    }
}
