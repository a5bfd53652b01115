//! A time limit for a future, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::domain::time::{Clock, Millis};

/// The output of the future, or `None` if it takes longer than `length`; it is dropped then.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    length: Millis,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    let mut alarm = pin!(clock.sleep(length));
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        alarm.as_mut().poll(context).map(|()| None)
    })
    .await
}
