//! Clients cannot fill the log: their errors are reported only to them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{PATIENCE, Program, Site, free_port, wait_for};

/// An HTTP/2 connection that opens streams and resets each at once, until it is closed.
fn reset_rapidly(address: &str) {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS.
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    for stream in (1_u32..400).step_by(2) {
        // HEADERS of `GET / http`, from `a`; RST_STREAM with CANCEL.
        bytes.extend([0, 0, 6, 1, 5]);
        bytes.extend(stream.to_be_bytes());
        bytes.extend([0x82, 0x84, 0x86, 0x41, 1, b'a']);
        bytes.extend([0, 0, 4, 3, 0]);
        bytes.extend(stream.to_be_bytes());
        bytes.extend(8_u32.to_be_bytes());
    }
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may be closed before everything is sent.
    let _ = connection.write_all(&bytes);
    let _ = connection.read_to_end(&mut Vec::new());
}

/// The warnings and errors at this log level after 30 such connections and 30 calls of unknown methods.
fn provoked(level: &str) -> Vec<String> {
    let site = Site::with_issues("acme/harbour", 1);
    let (start, port) = (site.program(Program::Combined), free_port());
    let mut mcp = start.port(port).env("LOG_LEVEL", level).start_mcp();
    mcp.greet();
    let address = format!("127.0.0.1:{port}");
    wait_for("the service to serve HTTP", PATIENCE, || {
        TcpStream::connect(&address).ok()
    });
    for n in 0..30 {
        reset_rapidly(&address);
        let line = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"no/such/{n}\"}}\n",
            100 + n
        );
        mcp.send_bytes(line.as_bytes());
        let answer = mcp.next_message();
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
    }
    std::thread::sleep(Duration::from_millis(200));
    let log = mcp.process.stderr();
    let loud = log
        .lines()
        .filter(|line| line.contains("\"level\":\"warn\"") || line.contains("\"level\":\"error\""));
    loud.map(str::to_owned).collect()
}

#[test]
fn client_errors_do_not_flood_the_log() {
    for level in ["info", "warn"] {
        let lines = provoked(level);
        assert!(
            lines.len() <= 3,
            "{level}: {} lines: {:#?}",
            lines.len(),
            &lines[..4]
        );
    }
    // At debug level both the messages and their causes are logged.
    let lines = provoked("info,h2=warn,rmcp=warn");
    assert!(lines.len() >= 60, "{lines:#?}");
}
