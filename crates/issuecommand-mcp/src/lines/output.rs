//! Writes whole lines in order, also when the task that gave one stops waiting.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Mutex;

/// How much of a buffer is kept for the next line.
const KEPT: usize = 64 * 1024;

/// Cheap to clone.
pub(super) struct Output<W>(Arc<Mutex<Option<Writer<W>>>>);

impl<W> Clone for Output<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Writer<W> {
    stream: W,
    /// Lines that were given; the first `written` bytes of them are on their way.
    lines: Vec<u8>,
    written: usize,
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(super) fn new(stream: W) -> Self {
        Self(Arc::new(Mutex::new(Some(Writer {
            stream,
            lines: Vec::new(),
            written: 0,
        }))))
    }

    /// Writes lines, and whatever an earlier call that was dropped has left. The lines are taken out in one step: they will
    /// be written, all or none, also when this is dropped.
    pub(super) async fn send(&self, lines: &mut Vec<u8>) -> io::Result<()> {
        let mut writer = self.0.lock().await;
        let Some(writer) = writer.as_mut() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        writer.lines.append(lines);
        writer.flush().await
    }

    pub(super) async fn close(&self) {
        self.0.lock().await.take();
    }
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    async fn flush(&mut self) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        while self.written < self.lines.len() {
            match self.stream.write(&self.lines[self.written..]).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => self.written += count,
            }
        }
        self.stream.flush().await?;
        self.lines.clear();
        self.lines.shrink_to(KEPT);
        self.written = 0;
        Ok(())
    }
}
