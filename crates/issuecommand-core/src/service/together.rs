//! Runs several futures at once, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// A future, or its result.
enum Running<F: Future> {
    Going(Pin<Box<F>>),
    Ended(F::Output),
}

impl<F: Future> Running<F> {
    fn go_on(&mut self, context: &mut Context<'_>) -> bool {
        if let Self::Going(future) = self
            && let Poll::Ready(result) = future.as_mut().poll(context)
        {
            *self = Self::Ended(result);
        }
        matches!(self, Self::Ended(_))
    }
}

/// Runs all of them, and returns their results in their order. Commands to the store that are sent together share a transaction.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let begun = futures.into_iter().map(Box::pin).map(Running::Going);
    let mut running: Vec<Running<F>> = begun.collect();
    poll_fn(|context| {
        let mut ended = true;
        for future in &mut running {
            ended &= future.go_on(context);
        }
        if ended {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let result = |ended| match ended {
        Running::Ended(result) => Some(result),
        Running::Going(_) => None,
    };
    running.into_iter().filter_map(result).collect()
}

/// The outputs of two futures that run at the same time. The first one is always polled first.
pub async fn beside<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(value) = one.as_mut().poll(context)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = other.as_mut().poll(context)
        {
            second = Some(value);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}
