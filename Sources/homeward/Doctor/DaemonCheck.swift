import Agent
import DriverKit
import Linux
import Loop
import Vitals

/// The running daemon: whether it answers, hears its devices, and gets rid of what it has measured.
enum DaemonCheck {
    private static let part = "daemon"
    private static let patience: Duration = .seconds(5)
    /// What waits longer than that at a connected broker is stuck.
    private static let stuckMilliseconds: Double = 5 * 60 * 1000
    private static let linesMax = 64

    /// What came of asking it how it is.
    enum Answer {
        case status(StatusEvent)
        case unreachable(LocalSocketError)
        case refused(FailureEvent)
        case silent
    }

    static func ask(_ box: Box) async -> Answer {
        let line: any CommandLineLink
        do throws(LocalSocketError) {
            line = try LocalSocketClient.connect(path: box.socketPath, on: box.loop)
        } catch {
            return .unreachable(error)
        }
        defer { line.close() }
        _ = line.sendLine(Technician.request("status"))
        let deadline = box.loop.now + patience
        for _ in 0 ..< linesMax {
            guard let bytes = await line.receiveLine(before: deadline) else { return .silent }
            switch TechnicianEvent(bytes) {
            case .status(let status)?: return .status(status)
            case .failure(let failure)?: return .refused(failure)
            default: break
            }
        }
        return .silent
    }

    static func findings(_ box: Box, _ answer: Answer) -> [Finding] {
        switch answer {
        case .status(let status):
            return running(status) + outbox(status) + radio(status)
                + (status.devices ?? []).flatMap { device($0, box) }
        case .silent:
            return [
                .fault(
                    part, "daemon-silent", "the daemon is there and does not answer",
                    proof: "nothing came from \(box.socketPath) within \(patience.components.seconds) s",
                    remedy: "run 'sudo systemctl restart homeward', and report it with 'homeward support-bundle'")
            ]
        case .refused(let failure):
            return [
                .unseen(
                    part, "daemon-refuses",
                    "the daemon does not tell you how it is: \(failure.text ?? failure.code)",
                    proof: failure.code, remedy: failure.remedy ?? "run 'sudo homeward doctor'")
            ]
        case .unreachable(.denied(let path)):
            return [
                .unseen(
                    part, "daemon-unseen", "you may not ask the daemon how it is",
                    proof: "permission denied for \(path)", remedy: "run 'sudo homeward doctor'")
            ]
        case .unreachable(let error): return [down(box, error)]
        }
    }

    private static func down(_ box: Box, _ error: LocalSocketError) -> Finding {
        if let daemon = box.daemon {
            return .fault(
                part, "daemon-without-socket", "the daemon runs and cannot be asked",
                proof: "process \(daemon.id) is homeward; \(error)",
                remedy:
                    "look for 'no commands on this box' in 'journalctl -u homeward', and mind that "
                    + "doctor reads the "
                    + "same configuration as the daemon: --config FILE")
        }
        return .fault(
            part, "daemon-down", "the daemon is not running: nothing is measured, judged or delivered",
            proof: "nobody listens at \(box.socketPath)",
            remedy: "run 'sudo systemctl start homeward'; 'journalctl -u homeward -e' says why it has ended")
    }

    private static func running(_ status: StatusEvent) -> [Finding] {
        if let version = status.version, version != Version.text {
            return [
                .warning(
                    part, "daemon-old", "the daemon is of another version than this program",
                    proof: "it says \(version), and this is \(Version.text)",
                    remedy: "run 'sudo systemctl restart homeward'")
            ]
        }
        return [
            .fine(
                part, "daemon-up",
                "the daemon has been running for \(Words.duration(seconds: status.uptimeSeconds ?? 0))")
        ]
    }

    private static func outbox(_ status: StatusEvent) -> [Finding] {
        guard let delivery = status.delivery else { return [] }
        var findings: [Finding] = []
        if let fault = delivery.broker?.storeFaultLast {
            findings.append(
                .fault(
                    part, "outbox-fault", "the outbox could not be written", proof: fault,
                    remedy: "see what is said of the disk; then run 'sudo systemctl restart homeward'"))
        }
        let lanes = delivery.lanes?.values.map { $0 } ?? []
        let depth = Int(min(1e15, max(0, lanes.compactMap(\.depth).reduce(0, +))))
        let oldest = lanes.compactMap(\.oldestAgeMilliseconds).max()
        let waiting =
            "\(Words.count(depth, "message")) in the outbox"
            + (oldest.map { ", the oldest for \(Words.duration(seconds: $0 / 1000))" } ?? "")
        if delivery.broker?.state != "live" {
            findings.append(
                .fault(
                    part, "daemon-not-connected",
                    "the daemon has no connection to the broker: nobody sees the alarms",
                    proof: "\(delivery.broker?.troubleLast ?? "it is connecting"); \(waiting)",
                    remedy: "see what is said of the broker; everything is kept and delivered when it is back"))
        } else if let oldest, oldest > stuckMilliseconds {
            findings.append(
                .warning(
                    part, "outbox-stuck", "messages have been waiting for long although the broker is connected",
                    proof: waiting + (delivery.broker?.publishRefusedLast.map { "; refused: \($0)" } ?? ""),
                    remedy: "after a long outage, wait; else allow homeward/1/GATEWAY/# to this user at the broker")
            )
        } else {
            findings.append(.fine(part, "outbox-good", "the daemon is connected to the broker; \(waiting)"))
        }
        return findings
    }

    private static func radio(_ status: StatusEvent) -> [Finding] {
        guard let problem = status.radio?.problem else { return [] }
        return [
            .warning(
                "radio", "radio-problem", "the daemon has trouble with its radio", proof: problem,
                remedy: "see what is said of the radio; plug the adapter out and in again")
        ]
    }

    private static func device(_ device: DeviceEntry, _ box: Box) -> [Finding] {
        let heard = device.lastHeardMilliseconds
        let since = heard.map { "heard \(Words.duration(seconds: $0 / 1000)) ago" } ?? "not heard since the start"
        let setup = box.configuration?.home.devices.first { $0.id.text == device.device }
        if case .continuous(let limit)? = setup?.expectation,
            heard.map({ $0 > Double(limit.components.seconds) * 1000 }) ?? true
        {
            return [
                .fault(
                    "devices", "device-silent", "\(device.device) is silent, and should be worn all the time",
                    proof: since + (device.problem.map { "; \($0)" } ?? ""),
                    remedy: "look whether it is switched on, charged, worn and plugged in; 'homeward watch "
                        + "\(device.device)' shows when it speaks again")
            ]
        }
        if let problem = device.problem, device.link != "connected" {
            let known = BluetoothProblem(rawValue: problem)
            return [
                .warning(
                    "devices", "device-problem", "\(device.device) is not connected: \(known?.cause ?? problem)",
                    proof: since,
                    remedy: known?.remedy
                        ?? "look whether it is switched on and plugged in; see what is said of ports")
            ]
        }
        return [.fine("devices", "device-heard", "\(device.device): \(device.link ?? "?"), \(since)")]
    }
}
