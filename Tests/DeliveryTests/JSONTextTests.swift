import Delivery
import Testing

@Suite("Writing JSON")
struct JSONTextTests {
    private func text(_ write: (inout JSONText) -> Void) -> String {
        String(decoding: JSONText.object(write), as: UTF8.self)
    }

    @Test("Members stand in the order of the calls, with commas between")
    func members() {
        let written = text { text in
            text.member("metric", "pulse-rate")
            text.member("value", 72)
            text.member("valid", true)
            text.null("note")
            text.object("stamp") { $0.member("utc", 1.5) }
            text.array("reasons", ["motion", "noise"])
        }
        #expect(
            written
                == #"{"metric":"pulse-rate","value":72,"valid":true,"note":null,"stamp":{"utc":1.5},"#
                + #""reasons":["motion","noise"]}"#
        )
    }

    @Test("Quotes, backslashes and control characters are escaped")
    func escapes() {
        let written = text { $0.member("text", "a\"b\\c\nd\u{7F}") }
        #expect(written == #"{"text":"a\"b\\c\u000ad\u007f"}"#)
    }

    @Test("What JSON cannot say is null")
    func numbers() {
        #expect(text { $0.member("value", Double.nan) } == #"{"value":null}"#)
        #expect(text { $0.member("value", Double.infinity) } == #"{"value":null}"#)
        #expect(text { $0.member("value", 98.0) } == #"{"value":98}"#)
    }

    @Test("An empty object has no comma")
    func empty() { #expect(text { _ in } == "{}") }

    @Test("Members written before are taken as they are")
    func nested() {
        let inner = JSONText.members { $0.member("b", 2) }
        let written = text { text in
            text.member("a", 1)
            text.members(inner)
        }
        #expect(written == #"{"a":1,"b":2}"#)
    }
}
