import Glibc

@testable import Delivery

/// An authority of the test's own and a broker's certificate that it signed for one name.
struct RealCertificates {
    static let program = ["/usr/bin/openssl"].first { Files.exists($0) }

    let folder: TemporaryFolder
    var authorityFile: String { folder.file("ca.pem") }

    /// `name` is such as `IP:127.0.0.1`.
    init(for name: String) throws {
        folder = try TemporaryFolder()
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        let script = """
            cd \(folder.path) && exec 2>/dev/null
            openssl req -x509 \(key) -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority
            openssl req \(key) -keyout broker.key -out broker.csr -subj /CN=broker
            printf 'subjectAltName=\(name)' > names
            openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile names -out broker.pem
            """
        guard let process = spawn(["/bin/sh", "-c", script]) else { throw Failure(text: "no shell") }
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
        guard status == 0 else { throw Failure(text: "openssl ended with \(status)") }
    }

    var brokerLines: String {
        "cafile \(authorityFile)\ncertfile \(folder.file("broker.pem"))\nkeyfile \(folder.file("broker.key"))\n"
    }
}
