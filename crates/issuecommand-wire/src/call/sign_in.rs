//! One-time codes that sign a browser in to the dashboard.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::service::{Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::SignInCodeResponse;

const HASH: Param = Param::needed(
    "code_sha256",
    ParamType::String,
    "the SHA-256, as 64 hex digits, of a random text that you make and that nobody can guess. /ui/open/ followed by that text signs a \
     browser in",
);

/// Makes a one-time code with the caller's own rights. The caller makes the text, so that only its digest goes over the network. It
/// is for `issuecommand open`, so it is not a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSignInCode(SecretHash);

impl Call for CreateSignInCode {
    const NAME: &'static str = "create_sign_in_code";
    const PARAMS: &'static [Param] = &[HASH];
    const CHANGES: bool = true;
    const REFUSES: bool = false;
    type Response = SignInCodeResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let text = fields.needed_text(&HASH)?.to_ascii_lowercase();
        let hash = SecretHash::try_from(text).map_err(|error| {
            ApiError::bad_request(format!(
                "{} is {error}: it must be {}.",
                HASH.name, HASH.description
            ))
        })?;
        Ok(Self(hash))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<SignInCodeResponse> {
        let expires_at = service.make_sign_in_code(caller, self.0).await?;
        Ok(SignInCodeResponse {
            ok: true,
            expires_at: expires_at.to_string(),
        })
    }
}
