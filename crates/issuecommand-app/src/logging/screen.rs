//! Standard error, written by a separate thread behind a bounded queue. Some MCP clients never read their server's stderr, and
//! a full pipe must drop log lines instead of blocking calls.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use super::line::now;

/// The most lines in the queue; further lines are dropped and counted.
const QUEUE: usize = 4096;

enum Message {
    Line(Vec<u8>),
    /// Acknowledged when all earlier lines are written.
    Flush(SyncSender<()>),
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(super) struct Screen {
    queue: SyncSender<Message>,
    left_out: Arc<AtomicU64>,
}

static STDERR: OnceLock<Screen> = OnceLock::new();

/// The process-wide standard error.
pub(super) fn stderr(json: bool) -> Screen {
    STDERR
        .get_or_init(|| Screen::to(io::stderr(), json))
        .clone()
}

/// Waits until all lines are written, up to this timeout.
pub(crate) fn flush(patience: Duration) {
    if let Some(screen) = STDERR.get() {
        screen.flush_within(patience);
    }
}

impl Screen {
    fn to(writer: impl Write + Send + 'static, json: bool) -> Self {
        let (queue, lines) = sync_channel(QUEUE);
        let left_out = Arc::new(AtomicU64::new(0));
        let lost = left_out.clone();
        std::thread::spawn(move || write(writer, &lines, &lost, json));
        Self { queue, left_out }
    }

    fn flush_within(&self, patience: Duration) {
        let (done, written) = sync_channel(1);
        // A full queue means that nobody reads, so waiting is useless.
        if self.queue.try_send(Message::Flush(done)).is_ok() {
            let _ = written.recv_timeout(patience);
        }
    }
}

fn write(mut writer: impl Write, lines: &Receiver<Message>, lost: &AtomicU64, json: bool) {
    // A closed standard error cannot be reported.
    while let Ok(message) = lines.recv() {
        match message {
            Message::Line(line) => {
                let _ = writer.write_all(&line);
            }
            Message::Flush(done) => {
                let _ = writer.flush();
                let _ = done.send(());
            }
        }
        let lines = lost.swap(0, Ordering::Relaxed);
        if lines > 0 {
            let _ = writer.write_all(gap(lines, json).as_bytes());
        }
    }
}

/// The line in place of dropped lines.
fn gap(lines: u64, json: bool) -> String {
    let message = "log lines were left out, because standard error was not read fast enough";
    let time = now();
    if json {
        format!(
            "{{\"timestamp\":\"{time}\",\"level\":\"warn\",\"event\":\"log.left_out\",\"details\":{{\"lines\":{lines},\
             \"message\":\"{message}\"}}}}\n"
        )
    } else {
        format!("{time}  WARN {lines} {message}\n")
    }
}

impl Write for &Screen {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Message::Line(line.to_vec())).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Screen {
    type Writer = &'a Screen;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};
    use std::time::Instant;

    use serde_json::Value;

    use super::*;

    /// A pipe that is not read until its gate opens.
    #[derive(Clone, Default)]
    struct Pipe {
        gate: Arc<(Mutex<bool>, Condvar)>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Pipe {
        fn open(&self) {
            *self.gate.0.lock().unwrap() = true;
            self.gate.1.notify_all();
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let open = self.gate.0.lock().unwrap();
            drop(self.gate.1.wait_while(open, |open| !*open).unwrap());
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_unread_pipe_does_not_block_and_lost_lines_are_counted() {
        let pipe = Pipe::default();
        let screen = Screen::to(pipe.clone(), true);
        let begin = Instant::now();
        for n in 0..QUEUE + 100 {
            let mut line = &screen;
            line.write_all(format!("{{\"n\":{n}}}\n").as_bytes())
                .unwrap();
        }
        screen.flush_within(Duration::from_millis(50));
        assert!(begin.elapsed() < Duration::from_secs(5));
        pipe.open();
        // The queue stays full until the thread takes a line.
        while pipe.written.lock().unwrap().len() < 20_000 {
            std::thread::sleep(Duration::from_millis(5));
        }
        screen.flush_within(Duration::from_secs(10));
        let text = String::from_utf8(pipe.written.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let gaps: u64 = lines
            .iter()
            .filter(|line| line["event"] == "log.left_out")
            .map(|line| line["details"]["lines"].as_u64().unwrap())
            .sum();
        let written = lines.iter().filter(|line| line["n"].is_u64()).count();
        assert_eq!(written as u64 + gaps, (QUEUE + 100) as u64);
        assert!((99..=100).contains(&gaps), "{gaps}");
    }
}
