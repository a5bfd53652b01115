//! The socket of a connection: it notices when its client takes nothing, and closes so that the last answer arrives.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::activity::Activity;

/// How long bytes that nobody wants are taken from a client that is still sending when its answer is complete. A socket that
/// is closed with bytes unread is reset, and the reset may overtake the answer.
const LINGER: Duration = Duration::from_secs(5);
/// How many such bytes are taken.
const LINGER_BYTES: usize = 32 * 1024 * 1024;

/// What the system may hold of an answer that its client does not take; Linux holds twice as much. Left to itself it takes
/// several megabytes.
const SEND_BUFFER: usize = 128 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Socket {
    stream: Arc<TcpStream>,
    activity: Arc<Activity>,
    blocked: bool,
    shut: bool,
    linger: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Socket {
    /// `timeouts` is how long the other end may leave bytes unacknowledged or its window shut.
    pub(super) fn new(stream: Arc<TcpStream>, activity: Arc<Activity>, timeouts: Duration) -> Self {
        let set = set(&stream, timeouts);
        if let Err(error) = set {
            tracing::trace!(name: "http.connection", %error, "an option of the socket was not taken");
        }
        Self {
            stream,
            activity,
            blocked: false,
            shut: false,
            linger: None,
        }
    }

    fn write(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn note<T>(&mut self, result: &Poll<io::Result<T>>) {
        let blocked = result.is_pending();
        if blocked != self.blocked {
            self.blocked = blocked;
            self.activity.blocked(blocked);
        }
    }
}

fn read(stream: &TcpStream, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        match stream.try_read_buf(buf) {
            Ok(_) => return Poll::Ready(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

fn set(stream: &TcpStream, timeouts: Duration) -> io::Result<()> {
    // Answers are small and written whole; waiting to fill a packet would only add time.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    // What the system has already taken is given up by it alone.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(timeouts))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = timeouts;
    Ok(())
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = read(&self.stream, cx, buf);
        self.activity.listens(read.is_pending());
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.write(cx, |stream| stream.try_write(buf));
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.write(cx, |stream| stream.try_write_vectored(bufs));
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    // The system has what was written.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.shut {
            this.shut = true;
            match SockRef::from(&*this.stream).shutdown(Shutdown::Write) {
                Err(error) if error.kind() != io::ErrorKind::NotConnected => {
                    return Poll::Ready(Err(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        if !this.activity.has_unread() {
            return Poll::Ready(Ok(()));
        }
        let (over, left) = this
            .linger
            .get_or_insert_with(|| (Box::pin(sleep(LINGER)), LINGER_BYTES));
        let mut bytes = [0; 8192];
        while *left > 0 && over.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(read(&this.stream, cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    *left = left.saturating_sub(buffer.filled().len());
                }
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
