import Vitals

/// What a person sees of the demonstration.
final class DemoScreen {
    private let console: Console
    private let isBrief: Bool
    private var latest: [String: String] = [:]
    private var quality = ""
    private var deviceState = ""
    private var shownAt = Instant.boot
    private let start: Instant

    init(_ console: Console, isBrief: Bool, start: Instant) {
        self.console = console
        self.isBrief = isBrief
        self.start = start
    }

    func title(_ text: String) {
        console.line("")
        console.line(console.styled(text, .bold))
        console.flush()
    }

    func say(_ text: String) {
        console.line("  \(text)")
        console.flush()
    }

    func show(_ message: DemoSubscriber.Message, at now: Instant) {
        switch message.text("schema") {
        case "homeward/1/reading": reading(message, at: now)
        case "homeward/1/alert": alert(message, at: now)
        case "homeward/1/status" where !message.isRetained || message.text("state") == "online":
            event(
                "status",
                "the gateway is \(message.text("state") ?? "?"), connection \(message.text("connection") ?? "?")",
                .blue, at: now)
        case "homeward/1/device":
            let model = message.text("model").map { ", model \($0)" } ?? ""
            event(
                "device", "\(message.text("device") ?? "?") is \(message.text("link") ?? "?")\(model)", .blue,
                at: now)
        default: break
        }
    }

    private func reading(_ message: DemoSubscriber.Message, at now: Instant) {
        guard let metric = message.text("metric"), case .section(let last)? = message.list("readings").last else {
            return
        }
        if case .number(let value)? = last["value"] {
            latest[metric] = Int64(exactly: value).map(String.init) ?? String(value)
        } else {
            latest[metric] = "-"
        }
        if case .text(let text)? = last["quality"] { quality = text }
        guard metric == "oxygen-saturation", now - shownAt >= .seconds(isBrief ? 4 : 1) else { return }
        shownAt = now
        row(at: now)
    }

    private func row(at now: Instant) {
        let saturation = Int(latest["oxygen-saturation"] ?? "") ?? 0
        let bar = String(repeating: "█", count: max(0, (saturation - 60) / 2))
        let colour: Console.Style = saturation < 85 ? .red : saturation < 88 ? .yellow : .green
        let percent = console.styled(pad(latest["oxygen-saturation"], 3), colour)
        let pulse = pad(latest["pulse-rate"], 3)
        let index = pad(latest["perfusion-index"], 4)
        console.line(
            "  \(clock(now))  SpO2 \(percent) %  pulse \(pulse) /min  PI \(index) %  \(quality)  "
                + console.styled(bar, colour))
        console.flush()
    }

    private func alert(_ message: DemoSubscriber.Message, at now: Instant) {
        let priority = message.text("priority") ?? "?"
        event(
            "ALERT", "\(priority) priority, \(message.text("phase") ?? "?"): \(message.text("text") ?? "")",
            priority == "high" ? .red : .yellow, at: now)
        let evidence = message.list("evidence").count
        let state = message.text("state") ?? "?"
        say("            topic \(message.topic), evidence \(evidence) values, state \(state)")
    }

    func event(_ name: String, _ text: String, _ style: Console.Style, at now: Instant) {
        console.line("  \(clock(now))  \(console.styled(name, style))  \(text)")
        console.flush()
    }

    private func clock(_ now: Instant) -> String {
        let milliseconds = (now - start).wholeMilliseconds
        return pad("\(milliseconds / 1000).\(milliseconds / 100 % 10)", 5) + " s"
    }

    private func pad(_ text: String?, _ width: Int) -> String {
        let text = text ?? "-"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
