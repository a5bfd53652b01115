//! Runs several futures at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
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
