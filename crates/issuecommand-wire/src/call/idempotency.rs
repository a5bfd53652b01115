//! The idempotency key of a request.

use issuecommand_core::domain::access::IdempotencyKey;
use sha2::{Digest, Sha256};

use super::{Call, KEY};
use crate::params::{ParamError, Params};

/// The caller's idempotency key, bound by a digest to the request that it came with; `None` without one, and of a call that takes
/// none.
pub(super) fn key<C: Call>(
    call: &C,
    fields: &Params,
) -> Result<Option<IdempotencyKey>, ParamError> {
    let takes_one = C::PARAMS.iter().any(|param| param.name == KEY.name);
    let Some(key) = fields.text(&KEY)?.filter(|_| takes_one) else {
        return Ok(None);
    };
    let request = call.request().unwrap_or_else(|| request::<C>(fields));
    let mut digest = Sha256::new();
    for part in request {
        // The length before each part distinguishes ("ab", "c") from ("a", "bc").
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    Ok(Some(IdempotencyKey {
        key: key.to_owned(),
        request: hex::encode(digest.finalize()),
    }))
}

/// The name of the call, and each parameter that is there with its value.
fn request<C: Call>(fields: &Params) -> Vec<String> {
    let given = C::PARAMS
        .iter()
        .filter(|param| param.name != KEY.name)
        .filter_map(|param| Some([param.name.to_owned(), fields.as_read(param)?]));
    std::iter::once(C::NAME.to_owned())
        .chain(given.flatten())
        .collect()
}
