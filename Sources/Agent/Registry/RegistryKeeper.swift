import Loop
import Vitals

/// The registry and its file: what is decided is on disk before it is done, one decision after the other.
final class RegistryKeeper {
    private(set) var registry = Registry()
    private let world: Surroundings
    private let isFree: Bell
    private var isChanging = false
    /// Why nothing may be written; the file then stays as it is.
    private var obstacle: String?

    init(_ world: Surroundings) {
        self.world = world
        isFree = Bell(on: world.loop)
    }

    /// Reads the file. One that is damaged is set aside, told, and begun anew.
    func load() async {
        guard let folder = world.state else {
            obstacle = "there is no folder to keep it in"
            return
        }
        let bytes: [UInt8]?
        do throws(StateError) { bytes = try await folder.read(RegistryText.fileName) } catch {
            obstacle = "\(error)"
            world.log(.error, "\(error): no paired device is known, and none can be paired")
            return
        }
        guard let bytes else { return }
        do throws(RegistryText.Fault) { registry = try RegistryText.registry(bytes) } catch {
            await setAside(bytes, error, folder)
        }
    }

    private func setAside(_ bytes: [UInt8], _ fault: RegistryText.Fault, _ folder: any StateFolder) async {
        let name = RegistryText.fileName
        guard case .damaged = fault else {
            obstacle = "\(name) is \(fault)"
            world.log(.error, "\(name) is \(fault): no paired device is known, and none can be paired")
            return
        }
        do throws(StateError) {
            try await folder.write(bytes, to: RegistryText.setAsideName)
            world.log(
                .error,
                "\(name) is \(fault): it is set aside as \(RegistryText.setAsideName); pair and assign again")
        } catch {
            obstacle = "\(error)"
            world.log(.error, "\(name) is \(fault), and cannot be set aside: \(error)")
        }
    }

    /// Changes the registry: written first, and only then so. An error of the change or of the disk changes
    /// nothing.
    func change(
        _ decide: (inout Registry) throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        while isChanging { _ = await isFree.wait() }
        isChanging = true
        defer {
            isChanging = false
            isFree.ring()
        }
        var changed = registry
        try decide(&changed)
        guard obstacle == nil, let folder = world.state else {
            throw CommandFailure(.stateNotWritten, obstacle ?? "there is no folder to keep it in")
        }
        do throws(StateError) {
            try await folder.write(RegistryText.bytes(changed), to: RegistryText.fileName)
        } catch { throw CommandFailure(.stateNotWritten, "\(error)") }
        registry = changed
    }
}
