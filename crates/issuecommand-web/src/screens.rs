//! The screens. Each is a view of what calls answer: a file here and a template. A screen is rendered for a caller, and not for a
//! session, so that all who see the same get it from one rendering.

mod agents;
mod events;
mod feedback;
mod graph;
mod issue;
mod issues;
mod now;
mod system;
mod trends;

use askama::Template;
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::RepoCount;
use issuecommand_core::service::ServiceError;
use issuecommand_executor::CallContext;
use issuecommand_wire::call::SystemHealth;
use issuecommand_wire::{ApiError, Call, ParamSource, Params};
use tokio_util::sync::CancellationToken;

use crate::form::Form;
use crate::state::Web;
use crate::view::{View, duration};

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ScreenKind {
    Now,
    Issues,
    Issue { repo: String, number: String },
    Feedback,
    Agents,
    Agent(String),
    Events,
    System,
}

impl ScreenKind {
    /// The screen at a path that was taken apart and decoded.
    pub(crate) fn at(path: &[&str]) -> Option<Self> {
        Some(match path {
            [] => Self::Now,
            ["issues"] => Self::Issues,
            ["i", owner, name, number] => Self::Issue {
                repo: format!("{owner}/{name}"),
                number: (*number).to_owned(),
            },
            ["feedback"] => Self::Feedback,
            ["agents"] => Self::Agents,
            ["a", agent] => Self::Agent((*agent).to_owned()),
            ["events"] => Self::Events,
            ["system"] => Self::System,
            _ => return None,
        })
    }

    /// The entry of the navigation that it belongs to.
    pub(crate) fn section(&self) -> &'static str {
        match self {
            Self::Now => "Now",
            Self::Issues | Self::Issue { .. } => "Issues",
            Self::Feedback => "Feedback",
            Self::Agents | Self::Agent(_) => "Agents",
            Self::Events => "Events",
            Self::System => "System",
        }
    }
}

/// A screen with its filters, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ScreenRequest {
    pub(crate) place: ScreenKind,
    /// The filters, in the form of a query.
    pub(crate) query: String,
    /// Path and query.
    pub(crate) target: String,
}

impl ScreenRequest {
    /// The screen at a path below `/ui` and a query; `None` for no screen.
    pub(crate) fn of(path: &str, query: Option<&str>) -> Option<Self> {
        let below = path.strip_prefix("/ui")?;
        let decode = |part: &str| {
            let decoded = percent_encoding::percent_decode_str(part);
            decoded.decode_utf8().map(|part| part.into_owned()).ok()
        };
        let parts = below.split('/').skip(1).filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(decode).collect::<Option<_>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let query = query.unwrap_or_default().to_owned();
        Some(Self {
            place: ScreenKind::at(&parts)?,
            target: if query.is_empty() {
                path.to_owned()
            } else {
                format!("{path}?{query}")
            },
            query,
        })
    }

    /// The filters.
    pub(crate) fn filters(&self) -> Form {
        Form::read(self.query.as_bytes())
    }
}

/// A rendered screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenderedScreen {
    /// The title of the page.
    pub(crate) title: String,
    /// The form with the filters, which is not renewed, so that what is typed stays.
    pub(crate) filters: String,
    /// What is renewed.
    pub(crate) html: String,
    /// How far GitHub was followed, for the head of the page.
    pub(crate) facts: String,
}

/// What a screen gives.
struct ScreenParts {
    title: String,
    filters: askama::Result<String>,
    html: askama::Result<String>,
}

/// Renders a screen.
///
/// # Errors
/// What its calls answer instead.
pub(crate) async fn render(
    web: &Web,
    caller: &Caller,
    asked: &ScreenRequest,
) -> Result<RenderedScreen, ApiError> {
    let asker = CallRunner { web, caller };
    let now = web.service().clock().now();
    let view = View {
        now,
        github: web.options().github.clone(),
        acts: !caller.read_only,
        sees_all: caller.scope == Scope::All,
        back: asked.target.clone(),
    };
    let form = asked.filters();
    let screen = match &asked.place {
        ScreenKind::Now => now::render(&asker, view, &form).await?,
        ScreenKind::Issues => issues::render(&asker, view, &form).await?,
        ScreenKind::Issue { repo, number } => {
            issue::render(&asker, view, (repo, number), &form).await?
        }
        ScreenKind::Feedback => feedback::render(&asker, view, &form).await?,
        ScreenKind::Agents => agents::list(&asker, view, &form).await?,
        ScreenKind::Agent(agent) => agents::one(&asker, view, agent, &form).await?,
        ScreenKind::Events => events::render(&asker, view, &form).await?,
        ScreenKind::System => system::render(&asker, view).await?,
    };
    let broken = |error: askama::Error| {
        tracing::error!(name: "web.broken", %error, "a screen cannot be rendered");
        ApiError::internal()
    };
    Ok(RenderedScreen {
        title: screen.title,
        filters: screen.filters.map_err(broken)?,
        html: screen.html.map_err(broken)?,
        facts: facts(&asker, now).await?,
    })
}

/// What stands below a screen and is made once, when its page is opened.
///
/// # Errors
/// What its calls answer instead.
pub(crate) async fn below(
    web: &Web,
    caller: &Caller,
    asked: &ScreenRequest,
) -> Result<String, ApiError> {
    let asker = CallRunner { web, caller };
    match &asked.place {
        ScreenKind::Now => trends::render(&asker, asked.filters().text("repo")).await,
        ScreenKind::Issue { repo, number } => graph::render(&asker, repo, number).await,
        _ => Ok(String::new()),
    }
}

/// How far GitHub was followed, and how much of the budget is left.
async fn facts(asker: &CallRunner<'_>, now: Timestamp) -> Result<String, ApiError> {
    let health = asker.ask::<SystemHealth>(&[]).await?.health;
    let synced = health
        .last_github_sync_at
        .as_deref()
        .and_then(Timestamp::parse);
    let synced = synced.map_or_else(
        || "GitHub not synced yet".to_owned(),
        |at| format!("GitHub synced {} ago", duration((now.0 - at.0) / 1000)),
    );
    let budget = health.github.remaining.zip(health.github.limit);
    Ok(match budget {
        Some((left, limit)) => format!("{synced} · {left} of {limit} requests left"),
        None => synced,
    })
}

/// Runs calls for a screen.
pub(crate) struct CallRunner<'a> {
    pub(crate) web: &'a Web,
    pub(crate) caller: &'a Caller,
}

impl CallRunner<'_> {
    /// Runs a call with these parameters; those without a value are left out.
    pub(crate) async fn ask<C: Call>(
        &self,
        params: &[(&str, Option<&str>)],
    ) -> Result<C::Response, ApiError> {
        let given = params
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let params = given.fold(Params::default(), |params, (name, value)| {
            params.with(name, value)
        });
        let context = CallContext {
            caller: self.caller.clone(),
            request_id: String::new(),
            left: CancellationToken::new(),
        };
        let answer = self
            .web
            .executor()
            .call::<C>(context, params, ParamSource::Query)
            .await?;
        Ok(answer.into_answer())
    }
}

impl CallRunner<'_> {
    /// The repositories on offer that the viewer may see, by name.
    pub(crate) async fn repos(&self) -> Result<Vec<RepoCount>, ApiError> {
        let service = self.web.service();
        let repos = service.store().repos().await;
        let repos = repos.map_err(|error| ApiError::from(&ServiceError::from(error)))?;
        let sight = service.sight(self.caller);
        let seen = |known: &RepoCount| known.repo.offered && sight.has(&known.repo.facts.name);
        Ok(repos.into_iter().filter(seen).collect())
    }
}

/// A screen of a title and two templates.
fn screen(title: impl Into<String>, filters: &impl Template, html: &impl Template) -> ScreenParts {
    ScreenParts {
        title: title.into(),
        filters: filters.render(),
        html: html.render(),
    }
}

/// The filters of a screen that has none.
#[derive(Template)]
#[template(source = "", ext = "html")]
struct NoFilters;

/// A link to the same screen with another page or filter.
fn link(path: &str, filters: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in filters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
