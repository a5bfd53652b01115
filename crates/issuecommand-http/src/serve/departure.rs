//! Notices that a client has left where nobody reads from its connection.
//!
//! While a request is answered, HTTP/1 reads on only to notice the end of the connection, and not even that if the client has sent
//! more already. The end then stands behind bytes that are read later. The system tells of it all the same.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;

/// How often it is looked whether the client has left.
const LOOK: Duration = Duration::from_millis(250);

/// See the module.
#[derive(Debug)]
pub(super) struct Departure {
    stream: Arc<TcpStream>,
    activity: Arc<Activity>,
    look: Pin<Box<Sleep>>,
    looks: bool,
}

impl Departure {
    pub(super) fn of(stream: Arc<TcpStream>, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            look: Box::pin(sleep(LOOK)),
            looks: false,
        }
    }

    /// Ready once the client has left. Poll it after the connection itself, in the same task: it is not woken when the connection
    /// begins to read no more.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let unheard = self.activity.is_unheard();
        if unheard && !self.looks {
            self.look.as_mut().reset(Instant::now() + LOOK);
        }
        self.looks = unheard;
        while self.looks {
            ready!(self.look.as_mut().poll(cx));
            if has_left(&self.stream) {
                return Poll::Ready(());
            }
            self.look.as_mut().reset(Instant::now() + LOOK);
        }
        Poll::Pending
    }
}

/// Whether the other end has closed, as far as the system told by now.
fn has_left(stream: &TcpStream) -> bool {
    let ready = pin!(stream.ready(Interest::READABLE));
    match ready.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(ready)) => ready.is_read_closed(),
        Poll::Ready(Err(_)) => true,
        Poll::Pending => false,
    }
}
