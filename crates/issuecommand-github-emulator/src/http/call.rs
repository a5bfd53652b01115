//! A request as handlers see it: the viewer, the repository and number, the query and the body.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::Method;
use axum::http::header::ACCEPT;
use jiff::Timestamp;
use serde_json::Value;

use super::reply::{Reply, bad_json, blocked, forbidden, gone, invalid, moved, not_found};
use crate::model::{Issue, Permission, Repo};
use crate::page::Page;
use crate::render::Shape;
use crate::shared_state::SharedState;
use crate::world::{IssueLocation, Place, Viewer, World};

/// Everything about one request.
#[derive(Debug)]
pub(super) struct Call {
    api: String,
    method: Method,
    path: String,
    raw_query: Option<String>,
    accept: String,
    params: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) viewer: Viewer,
    body: Vec<u8>,
}

/// The parts of a request that are known before its handler runs.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) viewer: Viewer,
    /// The whole path, because nested routers see only a part of it.
    pub(super) path: String,
}

impl FromRequest<SharedState> for Call {
    type Rejection = Box<Reply>;

    async fn from_request(request: Request, state: &SharedState) -> Result<Self, Box<Reply>> {
        let (mut parts, body) = request.into_parts();
        let params = RawPathParams::from_request_parts(&mut parts, state)
            .await
            .map_err(|_| not_found())?;
        let params = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|query| query.0);
        let caller = parts.extensions.remove::<Caller>().ok_or_else(not_found)?;
        let body = to_bytes(body, 1 << 20).await.map_err(|_| bad_json())?;
        Ok(Self {
            api: state.url().to_owned(),
            method: parts.method,
            path: caller.path,
            raw_query: parts.uri.query().map(str::to_owned),
            accept: (parts.headers.get(ACCEPT))
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            params,
            query: query.unwrap_or_default(),
            viewer: caller.viewer,
            body: body.to_vec(),
        })
    }
}

impl Call {
    pub(super) fn shape<'a>(&'a self, world: &'a World) -> Shape<'a> {
        Shape {
            world,
            api: &self.api,
            garbles: true,
        }
    }

    /// Root of the API without a slash at its end.
    pub(super) fn api(&self) -> &str {
        &self.api
    }

    /// Whether the request accepts a media type with this beginning.
    pub(super) fn accepts(&self, media_type: &str) -> bool {
        let mut types = self.accept.split(',').map(str::trim);
        types.any(|accepted| accepted.starts_with(media_type))
    }

    /// A query parameter, if it is not blank.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// `since`, which must be ISO 8601.
    pub(super) fn since(&self) -> Result<Option<Timestamp>, Box<Reply>> {
        let parsed = self.param("since").map(str::parse).transpose();
        parsed.map_err(|_| invalid("Issue", "since", "invalid"))
    }

    pub(super) fn page(&self) -> Page {
        Page::asked(self.param("per_page"), self.param("page"))
    }

    /// The body as JSON; an empty one counts as `{}`.
    pub(super) fn body(&self) -> Result<Value, Box<Reply>> {
        if self.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        let value: Value = serde_json::from_slice(&self.body).map_err(|_| bad_json())?;
        if value.is_object() {
            Ok(value)
        } else {
            Err(bad_json())
        }
    }

    /// The repository in the path, by name or by id, if the token sees it.
    pub(super) fn repo<'w>(&self, world: &'w World) -> Result<&'w Repo, Box<Reply>> {
        if let Some(id) = self.path_param("id") {
            let repo = id.parse().ok().and_then(|id| world.repo_by_id(id));
            return self.seen(repo);
        }
        let name = format!(
            "{}/{}",
            self.path_param("owner").unwrap_or_default(),
            self.path_param("repo").unwrap_or_default()
        );
        let repo = self.seen(world.repo(&name))?;
        if repo.full_name().eq_ignore_ascii_case(&name) {
            return Ok(repo);
        }
        // GitHub redirects a former name to the id.
        let rest: String = self
            .path
            .splitn(5, '/')
            .nth(4)
            .map(|rest| format!("/{rest}"))
            .unwrap_or_default();
        let query = self
            .raw_query
            .as_ref()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        Err(moved(
            self.reading(),
            &format!("{}/repositories/{}{rest}{query}", self.api, repo.id),
        ))
    }

    /// The repository, if the token sees it.
    fn seen<'w>(&self, repo: Option<&'w Repo>) -> Result<&'w Repo, Box<Reply>> {
        let repo = repo.ok_or_else(not_found)?;
        match self.viewer.refusal(repo) {
            None => Ok(repo),
            Some(403) => Err(forbidden(self.viewer.not_accessible())),
            Some(451) => Err(blocked()),
            Some(_) => Err(not_found()),
        }
    }

    /// The repository, if the token may write to it.
    pub(super) fn writable_repo<'w>(&self, world: &'w World) -> Result<&'w Repo, Box<Reply>> {
        self.repo_for(world, Permission::Write)
    }

    /// The repository, if the token may change issues in it.
    pub(super) fn repo_for_triage<'w>(&self, world: &'w World) -> Result<&'w Repo, Box<Reply>> {
        self.repo_for(world, Permission::Triage)
    }

    fn repo_for<'w>(&self, world: &'w World, needed: Permission) -> Result<&'w Repo, Box<Reply>> {
        let repo = self.repo(world)?;
        if repo.archived {
            return Err(forbidden("Repository was archived so is read-only."));
        }
        if World::role(repo, &self.viewer.login) >= needed {
            Ok(repo)
        } else {
            Err(forbidden(self.viewer.not_accessible()))
        }
    }

    /// The location of the issue or pull request in the path.
    pub(super) fn place(&self, world: &World, repo: u64) -> Result<Place, Box<Reply>> {
        let number = self
            .path_param("number")
            .and_then(|number| number.parse().ok())
            .ok_or_else(not_found)?;
        let place = Place { repo, number };
        match world.whereabouts(place, &self.viewer) {
            IssueLocation::Here => Ok(place),
            IssueLocation::Deleted => Err(gone("This issue was deleted")),
            IssueLocation::Moved(to) => {
                let rest: String = self
                    .path
                    .rsplit(&format!("/{number}"))
                    .next()
                    .map(str::to_owned)
                    .unwrap_or_default();
                Err(moved(
                    self.reading(),
                    &format!(
                        "{}/repositories/{}/issues/{}{rest}",
                        self.api, to.repo, to.number
                    ),
                ))
            }
            IssueLocation::Unknown => Err(not_found()),
        }
    }

    /// The repository and the issue or pull request in the path.
    pub(super) fn issue<'w>(&self, world: &'w World) -> Result<(&'w Repo, &'w Issue), Box<Reply>> {
        let repo = self.repo(world)?;
        let place = self.place(world, repo.id)?;
        world
            .at_place(place)
            .map(|issue| (repo, issue))
            .ok_or_else(not_found)
    }

    pub(super) fn path_param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn reading(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}
