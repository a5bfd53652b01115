//! Acts on the service as a whole, for whoever runs it.

use std::sync::Arc;

use issuecommand_wire::ApiError;

use super::{Act, ActContext, ActOutcome, Confirmation};
use crate::options::Operator;
use crate::person::manages_keys;
use crate::view::Html;

fn operator<'a>(doing: &'a ActContext<'_>) -> Result<&'a Arc<dyn Operator>, ApiError> {
    let operator = doing.web.options().operator.as_ref();
    let operator = operator.filter(|_| manages_keys(&doing.person.caller));
    operator.ok_or_else(|| {
        let words = "This is for whoever signs in by API_KEY, or by `issuecommand open` on the machine of the service. Nothing was done.";
        ApiError {
            status: 403,
            ..ApiError::bad_request(words)
        }
    })
}

pub(super) fn confirm(act: Act, doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    operator(doing)?;
    let (title, what, button) = if act == Act::BackUp {
        (
            "Back up the database",
            "A whole copy is made beside the database while it is in use, and checked.",
            "Back up now",
        )
    } else {
        (
            "Look for what is wrong",
            "GitHub, database, settings, keys, port and clock are looked at, as by `issuecommand doctor`. Nothing is changed.",
            "Look",
        )
    };
    Ok(Confirmation {
        title: title.to_owned(),
        what: vec![Html::default().text(what)],
        fields: Vec::new(),
        hidden: Vec::new(),
        button,
    })
}

pub(super) async fn diagnose(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    Ok(ActOutcome::Found(operator(doing)?.diagnose().await))
}

pub(super) async fn back_up(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let made = operator(doing)?.back_up().await;
    made.map(ActOutcome::Said).map_err(ApiError::bad_request)
}
